"""What runs on the device: thoughts, the solver, engines and solving. Never imports torch or transformers."""
