"""Rationales in, a checkpoint out. `loop` is where it begins."""
