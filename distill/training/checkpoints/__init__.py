"""What a run keeps on disk on its way, and which weights it ends with."""
