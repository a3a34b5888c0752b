"""Checkpoint to ONNX, decoders and encoder-decoders."""
