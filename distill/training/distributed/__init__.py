"""One run in many processes."""
