"""Checkpoint to GGUF."""
