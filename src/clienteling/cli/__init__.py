"""The command line: ``clienteling run Mall_Customers.csv``, and what belongs to it."""

from clienteling.cli.main import main

__all__ = ["main"]
