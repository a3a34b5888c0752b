"""Serves artifacts over HTTP: requests of all clients share one batch a model. `server.serve` is where it begins."""
