"""A base's vocabulary cut to what its problems need."""
