"""Use cases: load rows, decide, write rows; each act commits in one transaction."""
