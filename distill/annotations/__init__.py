"""Readers: what a data set says about its own solutions -> `Annotation`, or the reason why there is none."""
