"""How a person wishes to be told: by which channels, in which language, at once or in one mail a morning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pendulum
from pydantic import BaseModel, ConfigDict

from procedure.instant import SHANGHAI, day_of
from procedure.working_days import WorkingCalendar

EVERYTHING: Final = "*"
"""The kind of notice under which a choice for all others stands."""

EMAIL: Final = "email"
MORNING: Final = 9
"""The hour at which digests leave, on working days."""

ChannelName = Literal["email", "wecom", "wecom_bot", "dingtalk", "feishu", "webhook", "sms"]


class Choice(BaseModel):
    """What a person chose for one kind of notice (a text of the pack) or for everything else.

    ``channels`` are tried in this order; with none the person is not told. What they do not choose is None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    channels: tuple[ChannelName, ...] | None = None
    language: Literal["zh", "en"] | None = None
    digest: bool | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How one notice reaches one person."""

    channels: tuple[str, ...]
    language: str
    digest: bool


def manner(chosen: Mapping[str, Any] | None, text: str, language: str, *, served: bool) -> Manner:
    """Return how a person who ``chosen`` so is told ``text``; ``language`` is theirs where they chose none.

    E-mail is the last resort of whoever chose other channels. What is ``served`` in person comes at once and
    cannot be declined: without a channel it goes by e-mail.
    """
    if not chosen:
        return Manner((EMAIL,), language, digest=False)
    merged = {**chosen.get(EVERYTHING, {}), **chosen.get(text, {})}
    channels = tuple(merged.get("channels", (EMAIL,)))
    if EMAIL not in channels and (channels or served):
        channels = (*channels, EMAIL)
    return Manner(
        channels, merged.get("language", language), digest=bool(merged.get("digest")) and not served
    )


def next_morning(calendar: WorkingCalendar, now: pendulum.DateTime) -> pendulum.DateTime:
    """Return the first 9:00 of a working day after ``now``."""
    day = day_of(now)
    start = day if now < _at(day) else day.add(days=1)
    return _at(calendar.on_or_after(start))


def _at(day: pendulum.Date) -> pendulum.DateTime:
    return pendulum.DateTime(day.year, day.month, day.day, MORNING, tzinfo=SHANGHAI)
