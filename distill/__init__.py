"""Teachers, verified rationales and training: how a student learns to write thoughts that a solver can finish."""
