"""A checkpoint becomes artifacts: what is read of it, how each is written, and what its manifest says."""
