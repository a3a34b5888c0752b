"""Rationales written, verified, deduplicated, decontaminated, and kept as a set. `annotate` is where it begins."""
