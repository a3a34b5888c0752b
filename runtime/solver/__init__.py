"""Turns a thought's text into an exact value or a named failure; knows no models. `solver.Solver` is its face."""
