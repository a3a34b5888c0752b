"""The numbers of a question: where they stand, what they mean in the steps, fresh ones in their place."""
