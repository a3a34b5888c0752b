"""The fast way to the same numbers on a CPU: packed decoders, fused blocks, one-pass AdamW."""
