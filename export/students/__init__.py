"""Published students: an adapter and its base, each by sha256, made into an artifact on this machine."""
