"""Checkpoint to device-ready artifact: GGUF and ONNX, quantisation, and the gate that proves nothing broke."""
