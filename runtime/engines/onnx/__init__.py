"""ONNX artifacts of decoder-only students on plain onnxruntime."""
