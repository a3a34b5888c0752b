"""ONNX artifacts of encoder-decoder students on plain onnxruntime."""
