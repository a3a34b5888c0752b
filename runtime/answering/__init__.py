"""Answers a question: prompt, thoughts, votes, deadlines. `pipeline.load` is where it begins."""
