"""`python -m edgethought`."""

from edgethought.cli import main

main()
