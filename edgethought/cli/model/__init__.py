"""`edgethought model`: the published students."""
