"""Our tasks and our artifacts inside lm-evaluation-harness (0.4.13), which calls what these modules define."""
