"""GGUF artifacts through llama-cpp-python's low-level API."""
