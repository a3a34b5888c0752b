"""A checkpoint answers as it is, in torch: many streams at once, behind the protocol of every other engine.

For build machines: samples, labels and dev scores without an artifact. Where a processor multiplies bfloat16, its
products pay for many rows long after llama.cpp's have ended to.
"""
