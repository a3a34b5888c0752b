"""Thoughts: how a student may reason, one file each. Tag, exemplar, solving, canonical form and the sign of its end."""
