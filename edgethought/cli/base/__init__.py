"""`edgethought base`: the models that students start from."""
