"""Tests of `runtime.answering.questions`."""
