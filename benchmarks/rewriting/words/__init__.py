"""The words of a question: its sentences, its people and things, and what it asks for."""
