"""`edgethought data`: what data sets there are, and how a new one comes in."""
