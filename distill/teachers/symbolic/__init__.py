"""The symbolic teacher: problems whose numbers align with their equations are rewritten, answers recomputed exactly.

A problem is read once into a `Template` (which number of the question is which literal of which step); each kind of
rewriting is a file of its own. What comes out is a problem that carries its annotation, so that every thought follows.
"""
