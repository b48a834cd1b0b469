"""Prefect flows: thin, batched, rerunnable."""
