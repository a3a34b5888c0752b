"""Tasks, scoring, latency and reports: what an artifact is worth, with intervals."""
