"""The command line: the same use cases from a terminal."""
