"""Questions as people have them, in files of several kinds, and what values their answers can have."""
