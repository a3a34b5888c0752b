"""What a step makes small."""
