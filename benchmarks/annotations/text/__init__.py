"""Words, phrases and numbers of questions and solutions, as annotations are read."""
