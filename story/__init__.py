"""Stories: a call told in a file, carried through the same use cases and flows with moved time."""
