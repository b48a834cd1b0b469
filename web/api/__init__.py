"""The interface for programs: what the desks do, as JSON, under ``/api/v1``."""
