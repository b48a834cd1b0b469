"""Use cases: load rows, decide, write rows; each act commits in one transaction."""

import gc

# What a process loads stays, and what an act makes goes without the collector: looking through it after every
# 700 new objects, as Python would have it, is an eighth of a start.
gc.set_threshold(50_000)
