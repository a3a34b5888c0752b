"""What a run measured of itself, in rows and pictures."""
