"""Whether a bar keeps a unit from leading or from joining a core layer."""

from pendulum import Date

from procedure.act import Facts, Refusal
from procedure.definition import Procedure
from procedure.disqualification import clause, standing_bar


def barred(procedure: Procedure, facts: Facts, uscc: str | None, day: Date) -> Refusal | None:
    """Return the refusal of a unit that is barred on ``day``, with its last day; None for any other."""
    bar = standing_bar(facts.bars, uscc, day)
    if bar is None:
        return None
    told = {"uscc": bar.uscc, "until": bar.last_day.isoformat(), "document": bar.document}
    return Refusal("barred", told, clause(procedure))
