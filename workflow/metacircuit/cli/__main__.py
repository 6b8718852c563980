"""`python -m metacircuit.cli` is the command `metacircuit`."""

from metacircuit.cli.app import main

main()
