"""Everything in a pack that can carry a clause."""

from collections.abc import Iterable, Iterator

from procedure.definition.act_rule import ActRule, Branch
from procedure.definition.ground import Grounded
from procedure.definition.model import Model


def grounds(model: Model, path: str = "") -> Iterator[tuple[str, Grounded | ActRule | Branch]]:
    """Yield everything under ``model`` that can carry a clause, with its path in the pack."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        items: Iterable[tuple[object, object]]
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, tuple):
            items = enumerate(value)
        else:
            items = [(None, value)]
        for key, item in items:
            if isinstance(item, Model):
                where = ".".join(str(part) for part in (path, name, key) if part not in ("", None))
                if isinstance(item, (Grounded, ActRule, Branch)):
                    yield where, item
                yield from grounds(item, where)
