"""Stages that ask a teacher for more than rationales of problems with gold answers: new problems, and votes on them."""
