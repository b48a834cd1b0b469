"""Every rung of a ladder can come, tells somebody, and every deadline that people must meet has one."""

from collections.abc import Iterator

from procedure import ladder
from procedure.acts.desk import DESKS
from procedure.definition import REASSIGNED, DeadlineRule, Ladder, Offset, Procedure, Recipient, Rung
from procedure.named_date import moment, of_deadline
from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.ways import Ways, place_of
from procedure.sentence import Sentence, called
from procedure.working_days import state_council

_OF_A_CALL: tuple[Recipient, ...] = ("districts", "districts_owing")
_OF_THE_HOLDER: tuple[Recipient, ...] = ("holder", "supervisor", "substitute")


def flaws(ways: Ways) -> Flaws:
    """Yield the flaws of the ladders that the deadlines of one life climb."""
    for rule in ways.life.deadlines:
        where = place_of(ways.life, rule, ways.kind)
        if rule.ladder is not None:
            yield from _of_ladder(ways, rule, rule.ladder, f"{where}.ladder")
        if ways.kind == "application" and rule.holder != "public":
            yield from _climbed(ways, rule, where)


def of_the_pack(procedure: Procedure) -> Flaws:
    """Yield the flaws of the ladder that deadlines without one of their own climb."""
    if procedure.ladder is None:
        return
    yield from _twice(procedure.ladder, "ladder")
    rules = [rule for rule in procedure.application.deadlines if rule.ladder is None]
    climbed = {
        rung.id
        for rule in rules
        for rung in ladder.climbs(procedure, "application", rule)
        if _too_far(procedure, rule, rung) is None
    }
    for i, rung in enumerate(procedure.ladder.rungs):
        where = f"ladder.rungs.{i}"
        if rung.id not in climbed:
            yield _never(where, rung, "没有期限用得着它", "no deadline has a use for it")
        for recipient in rung.recipients:
            if recipient in _OF_A_CALL:
                yield _nobody(where, rung, recipient)
        if rung.reassign_to is not None and not any(
            rule.holder in DESKS and rung in ladder.climbs(procedure, "application", rule) for rule in rules
        ):
            yield _no_desk(where, rung)
    yield from _untold(procedure, procedure.ladder, "ladder")


def _of_ladder(ways: Ways, rule: DeadlineRule, own: Ladder, where: str) -> Flaws:
    yield from _twice(own, where)
    date = of_deadline(ways.procedure, rule)
    planned: dict[str, ladder.Planned] = {}
    if date is not None:
        due = moment(date)
        of = ladder.of(ways.procedure, ways.kind, rule.id)
        planned = {each.rung.id: each for each in of.plan(None, due, state_council())}
    for i, rung in enumerate(own.rungs):
        place = f"{where}.rungs.{i}"
        if rung.after is not None and rule.lapse is not None:
            yield _never(
                place,
                rung,
                "期限届满即有后果，之后不再计时",
                "the deadline lapses, and nothing runs after it",
            )
        elif (far := _too_far(ways.procedure, rule, rung)) is not None:
            yield _never(place, rung, far.zh, far.en)
        elif rung.id in planned and planned[rung.id].unsent == "no_hours_left":
            yield _never(
                place,
                rung,
                "届满前不再有发送时段，且未标`urgent`",
                "no sending hours are left before the deadline, and it is not `urgent`",
            )
        for recipient in _strangers(ways, rule, rung):
            yield _nobody(place, rung, recipient)
        if rung.reassign_to is not None and (ways.kind == "call" or rule.holder not in DESKS):
            yield _no_desk(place, rung)
    yield from _untold(ways.procedure, own, where)


def _climbed(ways: Ways, rule: DeadlineRule, where: str) -> Flaws:
    rungs = ladder.climbs(ways.procedure, ways.kind, rule)
    clock = called(rule.title, rule.id)
    if not rungs:
        yield Flaw(
            "deadline_without_ladder",
            where,
            Sentence(
                f"期限{clock.zh}到期前后都不提醒任何人",
                f"nobody is reminded of the deadline {clock.en}, before it or after",
            ),
            Sentence("写明包的`ladder`，或期限自己的`ladder`", "Give the pack, or the deadline, a `ladder`"),
            severity="remark",
        )
    elif rule.lapse is None and not any(rung.after for rung in rungs):
        yield Flaw(
            "never_escalated",
            where,
            Sentence(
                f"期限{clock.zh}逾期后不再上报任何人",
                f"once the deadline {clock.en} has passed nobody above its holder is told",
            ),
            Sentence("给它一个`after`的梯级", "Give it a rung with `after`"),
        )


def _twice(of: Ladder, where: str) -> Flaws:
    seen: dict[tuple[Offset | None, Offset | None], Rung] = {}
    for i, rung in enumerate(of.rungs):
        at = (rung.before, rung.after)
        if at in seen:
            first = next(n for n, each in enumerate(of.rungs) if each is seen[at])
            yield _never(
                f"{where}.rungs.{first}",
                seen[at],
                f"与梯级{rung.id}同时，被其取代",
                f"the rung {rung.id} comes at the same moment and takes its place",
            )
        seen[at] = of.rungs[i]


def _too_far(procedure: Procedure, rule: DeadlineRule, rung: Rung) -> Sentence | None:
    """Return why a rung before a deadline in working days lies before its beginning, if it does."""
    if rung.before is None or rule.due.working_days is None:
        return None
    days = procedure.number(rule.due.working_days)
    # A rung as many working days before as the deadline has can come when it begins early in the morning.
    if rung.before.working_days is not None and rung.before.working_days > days:
        return Sentence(f"期限只有{days}个工作日", f"the deadline has only {days} working days")
    return None


def _strangers(ways: Ways, rule: DeadlineRule, rung: Rung) -> Iterator[Recipient]:
    for recipient in rung.recipients:
        if ways.kind == "application":
            if recipient in _OF_A_CALL or (recipient in _OF_THE_HOLDER and rule.holder == "public"):
                yield recipient
        elif recipient == "lead_unit" or (
            recipient in _OF_THE_HOLDER and rule.holder not in ("bureau", "district")
        ):
            yield recipient


def _untold(procedure: Procedure, of: Ladder, where: str) -> Flaws:
    for i, rung in enumerate(of.rungs):
        if rung.reassign_to is not None and REASSIGNED not in procedure.notices:
            yield Flaw(
                "reassigned_untold",
                f"{where}.rungs.{i}.reassign_to",
                Sentence(
                    f"梯级{rung.id}转交办件，但接手的人得不到通知",
                    f"the rung {rung.id} hands the case on, and whoever gets it is not told",
                ),
                Sentence(f"写明文本`{REASSIGNED}`", f"Give the text `{REASSIGNED}`"),
            )


def _no_desk(where: str, rung: Rung) -> Flaw:
    return Flaw(
        "rung_without_a_desk",
        f"{where}.reassign_to",
        Sentence(
            f"梯级{rung.id}要转交办件，但期限不由推荐单位或市科技局承办，没有可转的办件人",
            f"the rung {rung.id} hands the case on, "
            "but no district or bureau holds the deadline, so there is no desk",
        ),
        Sentence("删去`reassign_to`", "Remove `reassign_to`"),
    )


def _never(where: str, rung: Rung, zh: str, en: str) -> Flaw:
    return Flaw(
        "rung_never_comes",
        where,
        Sentence(f"梯级{rung.id}永远不会到来：{zh}", f"the rung {rung.id} never comes: {en}"),
        Sentence("改写它，或删去它", "Change it, or remove it"),
    )


def _nobody(where: str, rung: Rung, recipient: Recipient) -> Flaw:
    return Flaw(
        "rung_tells_nobody",
        f"{where}.recipients",
        Sentence(
            f"梯级{rung.id}要通知的{recipient}在此不指任何人",
            f"the rung {rung.id} is for `{recipient}`, which is nobody here",
        ),
        Sentence("改写`recipients`", "Name other `recipients`"),
    )
