"""Annotations: what a data set says of its own solutions, read as named steps that compute the answer."""
