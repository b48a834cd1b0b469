"""Being heard, decided on, and appealing: what a revocation and a disqualification have in common."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

import pendulum
from pydantic import StringConstraints

from procedure.acts.act_type import Payload, evolves
from procedure.acts.draft import Reason
from procedure.disqualification import Disqualification
from procedure.revocation import Revocation

Heard = TypeVar("Heard", Revocation, Disqualification)


class Statement(Payload):
    """What the unit has to say."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10000)]


class Decided(Payload):
    """The answer to what the unit said, and the document that decides."""

    answer: Reason
    document_number: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class Appeal(Payload):
    """Why the decision is appealed against."""

    reason: Reason


class AppealDecided(Payload):
    """Whether the decision stands, and why."""

    result: Literal["upheld", "reversed"]
    answer: Reason


@evolves("statement_made")
@evolves("findings_answered")
def _stated(r: Heard, data: dict[str, Any], at: pendulum.DateTime) -> Heard:
    return replace(r, statement=data["statement"])


@evolves("revocation_decided")
@evolves("disqualification_decided")
def _decided(r: Heard, data: dict[str, Any], at: pendulum.DateTime) -> Heard:
    return replace(r, decision=data["result"], answer=data["answer"], document_number=data["document_number"])


@evolves("revocation_appealed")
@evolves("disqualification_appealed")
def _appealed(r: Heard, data: dict[str, Any], at: pendulum.DateTime) -> Heard:
    return replace(r, appeal=data["reason"])


@evolves("revocation_appeal_decided")
@evolves("disqualification_appeal_decided")
def _appeal_decided(r: Heard, data: dict[str, Any], at: pendulum.DateTime) -> Heard:
    return replace(r, appeal_decision=data["result"])
