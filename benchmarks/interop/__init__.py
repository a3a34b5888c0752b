"""Interop: what other people's evaluation tools read of ours, and our tasks and models inside theirs."""
