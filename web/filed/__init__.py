"""One filed consortium on the portal: what it is now, and what lead unit or bureau begin about it."""

from typing import Final

from web.filed import bar, change, claim, entry, renewal

ROUTERS: Final = tuple(part.router for part in (change, claim, renewal, bar, entry))
"""Its pages; the acts on the entry itself, whose address fits any, come last."""
