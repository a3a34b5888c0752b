"""The parity gate: an artifact is published only when it answers as its checkpoint does."""
