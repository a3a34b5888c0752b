"""What `edgethought bench`, `bench-compare` and `bench-plan` do."""
