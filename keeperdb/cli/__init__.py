"""The command line: arguments, output, exit codes. Standard output is data, standard error is talk."""

from keeperdb.cli.entry import main

__all__ = ["main"]
