"""`edgethought distill`: one module a command."""
