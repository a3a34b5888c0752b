"""What `edgethought run` does, in order: label, train, export, score, report; `pipeline` runs them."""
