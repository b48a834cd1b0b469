"""Proofs about a loaded pack, one family a file; ``procedure.check`` brings them together."""
