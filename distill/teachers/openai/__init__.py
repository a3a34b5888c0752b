"""A model behind an OpenAI-compatible server: asked many times at once, within a budget, and never the same twice."""
