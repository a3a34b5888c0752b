"""Answers that nobody wrote: independent samples of teachers vote, and what they agree on becomes verified rationales.

The self-consistency of a teacher (Wang et al., arXiv 2203.11171) over programs and equations, with the share that must
agree chosen by how often a share was right on problems whose answer is known.
"""
