"""Answers problems by a job, and counts: samples, scores, latency."""
