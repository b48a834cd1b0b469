"""Two revisions of a pack told apart: what is new, gone, changed or moved, in words and as data."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from procedure.definition import Clause, DeadlineRule, Life, NamedDate, Procedure, Words
from procedure.difference_words import NOTHING, SECTION_OF, SECTIONS, THINGS, Term, Values, part
from procedure.named_date import moment, of_deadline
from procedure.sentence import Sentence, called
from procedure.written import SETTING, clause

Kind = Literal["added", "removed", "changed", "moved"]

_SUMMARY: Final = ("value", "kind", "holder", "due", "met", "by", "type", "roles", "to")
_ORDERED: Final = ("form", "stages", "dates")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two revisions differ.

    ``where`` names things by their ids (``application.stages.formal_review.acts.reject.to``); ``before`` and
    ``after`` are as the packs write them, None where there is nothing. Of what moved they are what it stood
    after.
    """

    section: str
    where: str
    kind: Kind
    before: Any
    after: Any
    said: Sentence


def differences(old: Procedure, new: Procedure, term: Term) -> tuple[Difference, ...]:
    """Return everything in which ``new`` differs from ``old``, by section; empty if nothing does.

    ``term`` gives the titles of acts, roles and other words of packs. A deadline whose length follows from a
    setting or a date is told of as well as that setting or date.
    """
    found = list(_Comparison(old, new, term).found())
    sections, parts = list(SECTIONS), list(Life.model_fields)

    def rank(difference: Difference) -> tuple[int, int]:
        of_life = difference.section in ("call", "application")
        return sections.index(difference.section), (
            parts.index(difference.where.split(".")[1]) if of_life else 0
        )

    return tuple(sorted(found, key=rank))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the comparison stands: the path by ids, and the things on it in words."""

    path: tuple[str, ...] = ()
    things: tuple[Sentence, ...] = ()

    def at(self, key: str) -> "_Place":
        return _Place((*self.path, key), self.things)

    def of(self, key: str, thing: Sentence) -> "_Place":
        return _Place((*self.path, key), (*self.things, thing))

    def of_part(self, key: str) -> "_Place":
        return self.of(key, Sentence(part(key, "zh"), part(key, "en")))

    @property
    def life(self) -> str:
        """The kind of subject whose life it is in; empty elsewhere."""
        if self.path[:1] == ("lives",):
            return self.path[1] if len(self.path) > 1 else ""
        return self.path[0] if self.path[:1] in (("call",), ("application",)) else ""

    @property
    def section(self) -> str:
        first = self.path[0] if self.path else ""
        return first if first in SECTIONS else SECTION_OF.get(first, "general")

    def say(self, zh: str, en: str) -> Sentence:
        """Return a sentence about the innermost thing, which ``zh`` and ``en`` say something of."""
        things_zh, things_en = "的".join(t.zh for t in self.things), ", ".join(t.en for t in self.things)
        return Sentence(f"{things_zh}{zh}", f"{things_en}{en}")


class _Comparison:
    def __init__(self, old: Procedure, new: Procedure, term: Term) -> None:
        self.old, self.new, self.term = old, new, term

    def found(self) -> Iterator[Difference]:
        before, after = (each.model_dump(mode="json", by_alias=True) for each in (self.old, self.new))
        yield from self._mapping(before, after, _Place())
        for kind in ("call", "application"):
            yield from self._due(kind)

    def _mapping(
        self, before: Mapping[str, Any], after: Mapping[str, Any], place: _Place
    ) -> Iterator[Difference]:
        grounds = [{key: each.get(key) for key in ("clause", "basis")} for each in (before, after)]
        for key in dict.fromkeys((*before, *after)):
            a, b = before.get(key), after.get(key)
            if a == b and not (key in _ORDERED and isinstance(a, dict)):
                continue
            if key in ("clause", "basis", "due"):  # told of together, below and in `_due`
                continue
            if key in THINGS and _is_keyed(a) and _is_keyed(b):
                yield from self._things(key, _by_id(a), _by_id(b), place.at(key))
            elif key == "branches" and isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
                yield from self._branches(a, b, place.at(key))
            elif isinstance(a, dict) and isinstance(b, dict) and not _is_words(a):
                plain = key in SECTIONS or place.section == "notices"
                yield from self._mapping(a, b, place.at(key) if plain else place.of_part(key))
            else:
                yield self._part(key, a, b, place)
        if grounds[0] != grounds[1]:
            yield self._ground(grounds[0], grounds[1], place)

    def _things(
        self, key: str, before: Mapping[str, Any], after: Mapping[str, Any], place: _Place
    ) -> Iterator[Difference]:
        for name, thing in before.items():
            if name not in after:
                here = place.of(name, self._called(key, name, thing))
                yield _difference(here, "removed", thing, None, here.say("已删去", " is gone"))
        for name, thing in after.items():
            here = place.of(name, self._called(key, name, thing))
            if name not in before:
                zh, en = (self._summary(here, thing, language) for language in ("zh", "en"))
                yield _difference(here, "added", None, thing, here.say(f"为新增{zh}", f" is new{en}"))
            elif isinstance(thing, dict):
                yield from self._mapping(before[name], thing, here)
        if key in _ORDERED:
            yield from self._moved(key, before, after, place)

    def _branches(self, before: list[Any], after: list[Any], place: _Place) -> Iterator[Difference]:
        for i, (a, b) in enumerate(zip(before, after, strict=True)):
            branch = Sentence(f"第{i + 1}个分支", f"branch {i + 1}")
            yield from self._mapping(a, b, place.of(str(i), branch))

    def _part(self, key: str, a: Any, b: Any, place: _Place) -> Difference:
        here = place.at(key)
        shown = self._values(place).shown
        zh, en = part(key, "zh"), part(key, "en")
        kind: Kind = "added" if _is_nothing(a) else "removed" if _is_nothing(b) else "changed"
        if place.path[:1] == ("notices",) and key != "served":
            languages = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
            parts = {"subject": ("标题", "subject"), "body": ("正文", "body")}
            language, piece = languages[place.path[-1]], parts[key]
            said = place.say(f"的{language[0]}{piece[0]}有改动", f": its {language[1]} {piece[1]} changes")
        elif not place.things:
            said = Sentence(
                f"{zh}由{shown(key, a, 'zh')}改为{shown(key, b, 'zh')}",
                f"{en}: {shown(key, b, 'en')} instead of {shown(key, a, 'en')}",
            )
        else:
            a_zh, b_zh, a_en, b_en = (shown(key, each, of) for of in ("zh", "en") for each in (a, b))
            if a_zh == b_zh:  # only the English wording changes, and the other way round
                a_zh, b_zh = f"“{a_en}”", f"“{b_en}”"
            elif a_en == b_en:
                a_en, b_en = f'"{a_zh}"', f'"{b_zh}"'
            said = place.say(f"：{zh}由{a_zh}改为{b_zh}", f": {en}: {b_en} instead of {a_en}")
        return _difference(here, kind, a, b, said)

    def _ground(self, a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Difference:
        zh = [_grounded(each, ground, "zh") for each, ground in ((self.old, a), (self.new, b))]
        en = [_grounded(each, ground, "en") for each, ground in ((self.old, a), (self.new, b))]
        said = place.say(f"：依据由{zh[0]}改为{zh[1]}", f": its ground: {en[1]} instead of {en[0]}")
        return _difference(place.at("clause"), "changed", _kept(a), _kept(b), said)

    def _due(self, kind: str) -> Iterator[Difference]:
        """Yield the deadlines that fall at another time, be it by their rule or by what it refers to."""
        for name, rule in self.new.life(kind).deadline.items():
            former = self.old.life(kind).deadline.get(name)
            if former is None:
                continue
            place = _Place((kind, "deadlines")).of(name, called(rule.title, name, THINGS["deadlines"]))
            terms = _Term.of(self.old, former), _Term.of(self.new, rule)
            if (terms[0].name, terms[0].value) != (terms[1].name, terms[1].value):
                said = place.say(*_told_apart(*terms))
                yield _difference(place.at("due"), "changed", terms[0].value, terms[1].value, said)

    def _moved(
        self, key: str, before: Mapping[str, Any], after: Mapping[str, Any], place: _Place
    ) -> Iterator[Difference]:
        """Yield the fewest things whose moving explains the new order."""
        old, new = [name for name in before if name in after], [name for name in after if name in before]
        stayed = _longest_rising([old.index(name) for name in new])
        kept = {old[i] for i in stayed}
        for name in new:
            if name in kept:
                continue
            here = place.of(name, self._called(key, name, after[name]))
            prior = [_before(name, order) for order in (list(before), list(after))]
            zh = "移到最前" if prior[1] is None else f"移到{prior[1]}之后"
            en = " now stands first" if prior[1] is None else f" now stands after {prior[1]}"
            yield _difference(here, "moved", prior[0], prior[1], here.say(zh, en))

    def _called(self, key: str, name: str, thing: Any) -> Sentence:
        noun = THINGS[key]
        if key in ("acts", "everywhere", "afterwards"):
            title: Any = {language: self.term("acts", name, language) for language in ("zh", "en")}
        else:
            title = thing.get("title") if isinstance(thing, dict) and not _is_words(thing) else thing
        if not _is_words(title):
            return Sentence(f"{noun.zh}{name}", f"the {noun.en} {name}")
        return called(Words.model_validate(title), name, noun)

    def _summary(self, place: _Place, thing: Any, language: str) -> str:
        if not isinstance(thing, dict):
            return ""
        values = self._values(place)
        said = [
            f"{part(key, language)} {values.shown(key, thing[key], language)}"
            for key in _SUMMARY
            if not _is_nothing(thing.get(key))
        ]
        if not said:
            return ""
        return f": {', '.join(said)}" if language == "en" else f"：{'，'.join(said)}"

    def _values(self, place: _Place) -> Values:
        """Return how values are said where ``place`` is: what the pack names there, by its newer title."""
        titles: dict[tuple[str, str], Words] = {}
        for procedure in (self.old, self.new):
            titles |= {("call", each.id): each.title for each in procedure.call.stages}
            if place.life in procedure.kinds:
                life = procedure.life(place.life)
                titles |= {("stages", each.id): each.title for each in life.stages}
                titles |= {("outcomes", each.id): each.title for each in life.outcomes}
                titles |= {("deadlines", each.id): each.title for each in life.deadlines}
        return Values(self.term, titles)


@dataclass(frozen=True, slots=True)
class _Term:
    """When a deadline falls: in how many working days or on which date, and by which name of the pack."""

    name: str
    days: int | None
    date: NamedDate | None

    @classmethod
    def of(cls, procedure: Procedure, rule: DeadlineRule) -> "_Term":
        days = None if rule.due.working_days is None else procedure.number(rule.due.working_days)
        return cls(str(rule.due.date or rule.due.working_days), days, of_deadline(procedure, rule))

    @property
    def value(self) -> int | str:
        if self.days is not None:
            return self.days
        return self.name if self.date is None or self.date.value is None else self.date.value

    def words(self, language: str) -> str:
        unit, by = (" working days", " ({})") if language == "en" else ("个工作日", "（{}）")
        named = "" if self.name == str(self.value) else by.format(self.name)
        return f"{self.value}{unit if self.days is not None else ''}{named}"


def _told_apart(old: _Term, new: _Term) -> tuple[str, str]:
    if old.days is not None and new.days is not None and old.days != new.days:
        longer = new.days > old.days
        return (
            f"由{old.days}个工作日{'延长' if longer else '缩短'}为{new.days}个工作日",
            f" is {'longer' if longer else 'shorter'}: {new.days} working days instead of {old.days}",
        )
    if old.date and new.date and old.value != new.value:
        later = moment(new.date) > moment(old.date)
        return (
            f"由{old.value}{'推迟' if later else '提前'}到{new.value}",
            f" falls {'later' if later else 'earlier'}: on {new.value} instead of {old.value}",
        )
    return (
        f"：到期由{old.words('zh')}改为{new.words('zh')}",
        f": due {new.words('en')} instead of {old.words('en')}",
    )


def _difference(place: _Place, kind: Kind, before: Any, after: Any, said: Sentence) -> Difference:
    return Difference(place.section, ".".join(place.path), kind, before, after, said)


def _before(name: str, order: Sequence[str]) -> str | None:
    at = order.index(name)
    return order[at - 1] if at else None


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """Return a longest rising subsequence of distinct numbers."""
    ends: list[int] = []
    chains: list[list[int]] = []
    for number in numbers:
        at = bisect_left(ends, number)
        chain = [*(chains[at - 1] if at else []), number]
        ends[at : at + 1] = [number]
        chains[at : at + 1] = [chain]
    return chains[-1] if chains else []


def _is_keyed(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, dict) and ("id" in item or "path" in item) for item in value)
    return value is None or (isinstance(value, dict) and not _is_words(value))


def _by_id(value: Any) -> Mapping[str, Any]:
    if isinstance(value, list):
        return {item.get("id") or item["path"]: item for item in value}
    return value or {}


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _is_words(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"zh", "en"} and isinstance(value["zh"], str)


def _grounded(procedure: Procedure, ground: Mapping[str, Any], language: str) -> str:
    if ground["clause"] is not None:
        return clause(procedure, Clause.model_validate(ground["clause"]), language)
    return (SETTING if ground["basis"] is not None else NOTHING).of(language)


def _kept(ground: Mapping[str, Any]) -> Any:
    return ground["clause"] if ground["clause"] is not None else ground["basis"]
