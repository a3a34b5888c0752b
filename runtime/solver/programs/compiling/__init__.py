"""A checked program becomes closures; what is not allowed is refused before anything runs."""
