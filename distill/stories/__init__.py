"""Stories: our own grade-school word problems, with their solutions known exactly.

A template tells one small story in several wordings and knows its steps; numbers, names and objects are drawn
afresh for each problem. Templates, not problems, are split into train, dev and test, so a held-out problem is
a story that training never saw. Everything follows from the seed.
"""

from distill.stories.generator import SPLITS, Split, Story, generate, split_of, templates
from distill.stories.template import Template

__all__ = ["SPLITS", "Split", "Story", "Template", "generate", "split_of", "templates"]
