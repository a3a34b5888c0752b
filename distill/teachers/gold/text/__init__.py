"""Words, phrases and numbers of questions and solutions, as the gold teacher reads them."""
