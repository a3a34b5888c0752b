"""`python -m edgethought`."""

from edgethought.cli.app import main

main()
