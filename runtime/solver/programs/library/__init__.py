"""The values of programs and what may be done with them, and the modules that they may import."""
