"""What people run by hand on a checkout; no part of the product."""
