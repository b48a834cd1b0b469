"""What the machine moves: a call, an application or what comes after filing, as the fold of its events."""

from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from procedure.change import Change
from procedure.claim import SupportClaim
from procedure.disqualification import Disqualification
from procedure.entry import Entry, OfEntry
from procedure.evaluation import Evaluation, Round
from procedure.instant import Day, Instant
from procedure.revocation import Revocation

SubjectKind = Literal[
    "call",
    "application",
    "entry",
    "round",
    "evaluation",
    "revocation",
    "change",
    "claim",
    "disqualification",
]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline of the present stage: running, suspended, or overdue where nothing lapses by itself.

    ``due_at`` is the last instant in time (while suspended: the one before). A deadline in working days is
    ``days`` of them after ``counted_from``, so that a changed calendar can be applied; both are None once it
    was extended to a chosen instant. ``remaining`` is what was left at the suspension: working days, or
    microseconds for a fixed instant.
    """

    name: str
    occurrence: int
    holder: str
    state: Literal["running", "suspended", "overdue"]
    base_at: Instant
    due_at: Instant
    provisional: bool = False
    remaining: int | None = None
    counted_from: Instant | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member unit of the consortium and its answer to the invitation."""

    uscc: str
    name: str
    kind: str
    core_layer: bool
    status: Literal["invited", "confirmed", "declined"]
    form: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A document attached to the case; ``owner`` is the USCC of the unit whose document it is.

    What the recommending unit hands in has its code there.
    """

    material: str
    owner: str
    digest: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One listed item of a return for correction: what it is about, and what to put right."""

    item: str
    remark: str


@dataclass(frozen=True, slots=True)
class Return:
    """A return for correction by the authority of ``stage``, not revoked; ``round`` counts from 1 there."""

    stage: str
    round: int
    items: tuple[Remark, ...]
    returned_at: Instant
    acted: bool = False
    resubmitted_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """The stamped package as it was delivered."""

    delivered_at: Instant
    letter: bool
    finance_signed: bool
    application_copies: int
    summary_copies: int
    late: bool


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that an officer waived, and why; ``used_at`` is when an act went through because of it."""

    rule: str
    reason: str
    waived_at: Instant
    used_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """The site visit: when it is to be, who goes, and what it found."""

    scheduled_for: Instant
    team: tuple[str, ...]
    visited_on: Day | None = None
    result: Literal["passed", "failed"] | None = None
    findings: str | None = None


@dataclass(frozen=True, slots=True)
class Defence:
    """The defence: when, where and as which of the day, and once held whether the applicant came.

    ``present`` are the experts who heard it.
    """

    scheduled_for: Instant
    place: str
    position: int
    attended: bool | None = None
    present: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """One expert's score in hundredths of a point, 0 to 10000, given at ``stage``."""

    expert: int
    score: int
    comment: str
    stage: str


@dataclass(frozen=True, slots=True)
class Filing:
    """The filing: official name, register number, document and validity (both days included).

    ``status`` is what was applied for, in a city that knows several.
    """

    name: str
    number: str
    direction: str
    document_number: str
    valid_from: Day
    valid_to: Day
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Publicity:
    """The case's entry on a published list of its call, and how long it is or was open to objections.

    ``deadline`` names the clock that runs for it; ``until`` is its last instant as last settled, and
    ``ended_at`` the same once it has passed.
    """

    list: int
    position: int
    deadline: str
    published_at: Instant
    until: Instant
    ended_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to the case's entry, without who lodged it; ``number`` counts from 1 within the case.

    ``lodged_at`` is when it was received, which may lie before it was entered.
    """

    number: int
    anonymous: bool
    lodged_at: Instant
    result: Literal["upheld", "dismissed"] | None = None


@dataclass(frozen=True, slots=True)
class Rectified:
    """One item of a rectification: what the record said, and what it is to say; None once it was erased."""

    item: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Rectification:
    """A correction of the record, proposed by one officer, decided by another; ``number`` counts from 1."""

    number: int
    items: tuple[Rectified, ...]
    reason: str
    proposed_by: int | None
    proposed_for: int | None
    proposed_at: Instant
    state: Literal["proposed", "confirmed", "declined"] = "proposed"
    decided_by: int | None = None
    decided_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One line of a published list; ``position`` stays the same when the list changes."""

    position: int
    case: str
    lead_name: str
    direction: str


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A published list as it stands; ``id`` counts within the call, ``version`` within the list, from 1.

    ``published_at`` is when this version was published, ``until`` the last instant for objections to the
    entries whose clock it started, ``snapshot`` the digest of what was published. The working days up to
    ``until`` are counted from ``counted_from``, an earlier version where this one started no clock.
    """

    id: int
    version: int
    document: str
    title: str | None
    published_at: Instant
    until: Instant
    provisional: bool
    snapshot: str
    entries: tuple[ListEntry, ...]
    counted_from: Instant | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """The particulars of an application.

    ``seed`` is fixed before anybody sees the pool and never changes; ``order`` is the drawn order of all who
    were eligible, ``cleared`` those of them an officer found to be nobody of the case, and ``barred`` those
    who had a seat and lost it. ``means`` are the closed scorings by stage, in hundredths of a point. ``desk``
    is the person whom the case was given to at this stage, ``recommended_as`` its position among what its
    recommending unit recommends in the call, where that ranks them.
    """

    lead: str
    lead_name: str
    lead_kind: str
    district: str
    district_kind: str | None
    form: dict[str, Any] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    documents: tuple[Document, ...] = ()
    submitted_at: Instant | None = None
    accepted_at: Instant | None = None
    recommended_as: int | None = None
    returns: tuple[Return, ...] = ()
    papers: Papers | None = None
    findings: dict[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    visit: Visit | None = None
    seed: str | None = None
    panel: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    cleared: tuple[int, ...] = ()
    barred: tuple[int, ...] = ()
    scores: tuple[Score, ...] = ()
    means: dict[str, int] = field(default_factory=dict)
    defence: Defence | None = None
    rank: int | None = None
    publicity: Publicity | None = None
    objections: tuple[Objection, ...] = ()
    filing: Filing | None = None
    reason: str | None = None
    desk: int | None = None
    rectifications: tuple[Rectification, ...] = ()

    @property
    def correction(self) -> Return | None:
        """The return that is open now, if one is."""
        return self.returns[-1] if self.returns and self.returns[-1].resubmitted_at is None else None

    @property
    def mean(self) -> int | None:
        """The mean of the scoring that was closed last."""
        return next(reversed(self.means.values()), None)

    def scores_at(self, stage: str) -> tuple[Score, ...]:
        """Return the scores given at ``stage`` that count: of those who have not lost their seat."""
        return tuple(score for score in self.scores if score.stage == stage)

    def waiver(self, rule: str) -> Waiver | None:
        """Return the waiver of a rule that stands, if one does."""
        return next((waiver for waiver in self.waivers if waiver.rule == rule), None)

    def member(self, uscc: str | None) -> Member | None:
        """Return the member unit with this USCC, if it is one."""
        return next((member for member in self.members if member.uscc == uscc), None)


@dataclass(frozen=True, slots=True)
class Call:
    """The particulars of a call: its code, the cases selected, best first, and the published lists."""

    code: str
    selected: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    lists: tuple[PublishedList, ...] = ()


Record = Annotated[
    Application | Entry | Evaluation | Revocation | Round | Change | SupportClaim | Disqualification | Call,
    Field(union_mode="left_to_right"),
]
"""The particulars of a subject, by its kind.

They are read by what they must have, so each has something that no other one before it can do without; a
call, which has least, comes last.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of any kind at one moment: its stage or outcome, its clocks and its particulars.

    ``version`` is the sequence number of its last event, 0 before the first; ``dates`` are its named dates:
    those of a call or a round, which what begins under it inherits, or its own.
    """

    kind: SubjectKind
    ref: str
    parent: str | None
    stage: str
    version: int
    record: Record
    outcome: str | None = None
    entered_at: Instant | None = None
    last_at: Instant | None = None
    dates: dict[str, Instant] = field(default_factory=dict)
    deadlines: tuple[Deadline, ...] = ()
    occurrences: dict[str, int] = field(default_factory=dict)

    @property
    def application(self) -> Application:
        """The particulars, of an application; TypeError for a call."""
        if not isinstance(self.record, Application):
            raise TypeError(f"{self.ref} is a {self.kind}")
        return self.record

    @property
    def call(self) -> Call:
        """The particulars, of a call; TypeError for an application."""
        if not isinstance(self.record, Call):
            raise TypeError(f"{self.ref} is a {self.kind}")
        return self.record

    @property
    def lead(self) -> str | None:
        """The USCC of the lead unit whose subject it is; None for a call or a round, which are nobody's."""
        return self.record.lead if isinstance(self.record, (Application, OfEntry)) else None

    @property
    def lead_name(self) -> str:
        """The name of that lead unit, empty where there is none."""
        return self.record.lead_name if isinstance(self.record, (Application, OfEntry)) else ""

    @property
    def district(self) -> str | None:
        """The code of the recommending unit; None for a call or a round."""
        return self.record.district if isinstance(self.record, (Application, OfEntry)) else None

    def deadline(self, name: str) -> Deadline | None:
        """Return the deadline of this name that is running, suspended or overdue now."""
        return next((deadline for deadline in self.deadlines if deadline.name == name), None)


_SUBJECT: TypeAdapter[Subject] = TypeAdapter(Subject)


@cache
def _application() -> TypeAdapter[Application]:
    return TypeAdapter(Application)


def dump(subject: Subject) -> str:
    """Return the subject as JSON text; ``load`` gives an equal one back."""
    return _SUBJECT.dump_json(subject, exclude_defaults=True).decode()


def plain(subject: Subject) -> dict[str, Any]:
    """Return the subject as plain JSON values; ``of_plain`` gives an equal one back."""
    return _SUBJECT.dump_python(subject, mode="json", exclude_defaults=True)


def of_plain(values: dict[str, Any]) -> Subject:
    """Return the subject that ``plain`` gave; raises pydantic.ValidationError for anything else."""
    return _SUBJECT.validate_python(values)


def plain_particulars(application: Application) -> dict[str, Any]:
    """Return the particulars as plain JSON values; ``particulars`` gives equal ones back."""
    return _application().dump_python(application, mode="json")


def particulars(values: dict[str, Any]) -> Application:
    """Return the particulars that ``plain_particulars`` gave."""
    return _application().validate_python(values)


def load(text: str) -> Subject:
    """Return the subject that ``dump`` wrote; raises pydantic.ValidationError for any other text."""
    return _SUBJECT.validate_json(text)
