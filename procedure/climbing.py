"""What came of a ladder, told to people: what was sent to whom, what was skipped, what comes next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import pendulum

from procedure import written
from procedure.definition import Rung, Words

State = Literal["pending", "fired", "skipped", "cancelled"]

_SENTENCES: Final = {
    "pending": Words(zh="{when}（{at}）：将通知{recipients}", en="{when} ({at}): will tell {recipients}"),
    "next": Words(
        zh="{when}（{at}）：下一步，将通知{recipients}", en="{when} ({at}): next, will tell {recipients}"
    ),
    "fired": Words(
        zh="{when}（{at}）：{settled}已通知{people}", en="{when} ({at}): told {people} on {settled}"
    ),
    "nobody": Words(
        zh="{when}（{at}）：{settled}到时，没有可通知的人",
        en="{when} ({at}): came on {settled}, there was nobody to tell",
    ),
    "cancelled": Words(zh="{when}（{at}）：不再进行", en="{when} ({at}): cancelled"),
    "suspended": Words(zh="{when}：随期限停止", en="{when}: stands still with its deadline"),
    "merged": Words(
        zh="{when}（{at}）：{settled}跳过，由其后的一级一并通知",
        en="{when} ({at}): skipped on {settled}, a later one was sent in its place",
    ),
    "too_late": Words(
        zh="{when}（{at}）：{settled}跳过，送达时期限已过",
        en="{when} ({at}): skipped on {settled}, it would have come after the deadline",
    ),
    "began_later": Words(
        zh="{when}（{at}）：不发，期限起算时该时刻已过",
        en="{when} ({at}): not sent, the deadline began later",
    ),
    "no_hours_left": Words(
        zh="{when}（{at}）：不发，届满前不再有发送时段",
        en="{when} ({at}): not sent, no sending hours are left before the deadline",
    ),
}


@dataclass(frozen=True, slots=True)
class RungState:
    """How one rung of one occurrence of a deadline stands; ``people`` are the names of those it told."""

    deadline: str
    occurrence: int
    rung: str
    at: pendulum.DateTime
    state: State
    why: str | None = None
    settled_at: pendulum.DateTime | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RungLine:
    """One rung told: ``recipients`` are whom it is for, ``next`` marks the one that comes first."""

    rung: str
    at: pendulum.DateTime
    state: State
    why: str | None
    settled_at: pendulum.DateTime | None
    recipients: tuple[str, ...]
    people: tuple[str, ...]
    next: bool
    text: str


def tell(
    rungs: Iterable[Rung], states: Iterable[RungState], language: str, *, suspended: bool
) -> tuple[RungLine, ...]:
    """Tell how the rungs of one deadline stand, in order of time; ``suspended`` says that its clock is."""
    return tuple(_lines(list(rungs), list(states), language, suspended=suspended))


def _lines(
    rungs: list[Rung], states: list[RungState], language: str, *, suspended: bool
) -> Iterator[RungLine]:
    places = {rung.id: place for place, rung in enumerate(rungs)}
    known = [state for state in states if state.rung in places]
    known.sort(key=lambda state: (state.at, places[state.rung]))
    first = next((state.rung for state in known if state.state == "pending"), None)
    for state in known:
        rung = rungs[places[state.rung]]
        phrase = state.why if state.state == "skipped" and state.why else state.state
        if state.state == "fired" and not state.people:
            phrase = "nobody"
        elif state.state == "cancelled" and suspended:
            phrase = "suspended"
        elif state.rung == first:
            phrase = "next"
        recipients = tuple(written.RECIPIENTS[each].of(language) for each in rung.recipients)
        text = (
            _SENTENCES[phrase]
            .of(language)
            .format(
                when=written.rung(rung, language),
                at=written.when(state.at, language),
                settled="" if state.settled_at is None else written.when(state.settled_at, language),
                recipients=written.told_by(rung, language),
                people=written.listed(state.people, language),
            )
        )
        yield RungLine(
            state.rung,
            state.at,
            state.state,
            state.why,
            state.settled_at,
            recipients,
            state.people,
            state.rung == first,
            text + ("." if language == "en" else "。"),
        )
