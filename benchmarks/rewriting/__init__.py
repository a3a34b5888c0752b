"""Rewriting: problems in other numbers, words or orders by rule, their answers recomputed exactly.

A problem is read once into a `Source`, and where its numbers change into a `Template` (which number of the question is
which literal of which step); each kind of rewriting is a file of its own. What comes out brings its own annotation.
"""
