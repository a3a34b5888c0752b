"""Data sets: what there is, how it is read, its splits, licences and leakage."""
