"""Asking models: new problems and votes that go beyond rationales with gold answers, and worked examples for bases."""
