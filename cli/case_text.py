"""A case as text: what was filled in, who takes part, what happened."""

import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from casework.happened import remark
from casework.queries import Happened
from casework.standing import Standing
from casework.terms import Terms, term
from casework.wording import condition
from cli.due_text import due_lines
from cli.reply import Reply
from procedure import written
from procedure.acts.eligible import asked
from procedure.eligibility import STOPPING
from procedure.instant import instant
from procedure.subject import Application


def shown(reply: Reply, now: Standing) -> tuple[dict[str, Any], list[RenderableType]]:
    """Return a case or call as data and as text."""
    language = reply.language
    offered = now.offers(language)
    data: dict[str, Any] = {
        **now.as_data(),
        "possible": [{"act": each.act, "title": each.title, "roles": each.roles} for each in offered],
    }
    text: list[RenderableType] = [_head(reply, now)]
    deadlines = due_lines(reply, now)
    if deadlines:
        text += [_title(reply, "时限", "Deadlines"), *(f"  {line}" for line in deadlines)]
    if now.pending:
        kinds = written.listed((term("events", each.kind, language) for each in now.pending), language)
        text.append(
            reply.say(f"  已到期、待系统记录：{kinds}", f"  fallen due, not yet recorded by a sweep: {kinds}")
        )
    if isinstance(now.subject.record, Application):
        more, lines = _application(reply, now, now.subject.record)
        data |= more
        text += lines
    if offered:
        text += [
            _title(reply, "当前可以办理", "Possible now"),
            reply.table((), [(f"  {each.act}", each.title, each.roles) for each in offered]),
        ]
    return data, text


def history_row(reply: Reply, now: Standing, each: Happened) -> tuple[int, str, str]:
    """Return one event as a row: its number, its time, and what was done, where it led, by whom and why."""
    terms = Terms(reply.language, now.procedure)
    event = each.event
    what = terms.term("events", each.kind)
    if event.outcome or event.stage:
        what = f"{what} → {terms.place(event.outcome or event.stage)}"
    role = terms.term("roles", each.role)
    who = role if each.person is None else reply.say(f"{each.person}（{role}）", f"{each.person} ({role})")
    if each.on_behalf_of is not None:
        who += reply.say(f"，代{each.on_behalf_of}", f" on behalf of {each.on_behalf_of}")
    told = (what, who, remark(terms, event.data))
    return each.seq, _second(each.effective_at), " · ".join(part for part in told if part)


def _second(at: datetime.datetime) -> str:
    """Return an instant to the second, with its fraction just after a full minute."""
    local = instant(at)
    return local.format(
        "YYYY-MM-DD HH:mm:ss.SSSSSS" if local.microsecond and not local.second else "YYYY-MM-DD HH:mm:ss"
    )


def _head(reply: Reply, now: Standing) -> RenderableType:
    subject = now.subject
    rows: list[tuple[str, Any]] = [
        (
            reply.say("办件", "Case") if subject.kind == "application" else reply.say("批次", "Call"),
            subject.ref,
        ),
    ]
    if isinstance(subject.record, Application):
        record = subject.record
        rows += [
            (reply.say("批次", "Call"), f"{subject.parent} · {reply.say(*now.loaded.call_title)}"),
            (reply.say("牵头单位", "Lead unit"), f"{record.lead_name} {record.lead}"),
            (reply.say("推荐单位", "Recommending unit"), reply.say(*now.loaded.district)),
        ]
    if subject.outcome is None:
        holder = written.HOLDERS[now.stage.holder].of(reply.language)
        rows.append(
            (
                reply.say("环节", "Stage"),
                reply.say(f"{now.place('zh')}，由{holder}办理", f"{now.place('en')}, held by {holder}"),
            )
        )
        rows.append((reply.say("经办人", "On the desk of"), now.desk))
    else:
        rows.append((reply.say("结果", "Outcome"), now.place(reply.language)))
    if subject.entered_at is not None:
        rows.append((reply.say("自", "Since"), written.when(subject.entered_at, reply.language)))
    rows.append((reply.say("版本", "Version"), subject.version - len(now.pending)))
    return reply.pairs(rows)


def _application(
    reply: Reply, now: Standing, record: Application
) -> tuple[dict[str, Any], list[RenderableType]]:
    terms = Terms(reply.language, now.procedure)
    data: dict[str, Any] = {
        "call": now.subject.parent,
        "lead": {"uscc": record.lead, "name": record.lead_name, "kind": record.lead_kind},
        "district": record.district,
        "submitted_at": record.submitted_at,
        "form": record.form,
        "members": [
            {
                "uscc": each.uscc,
                "name": each.name,
                "kind": each.kind,
                "status": each.status,
                "form": each.form,
            }
            for each in record.members
        ],
        "documents": [
            {
                "material": each.material,
                "owner": each.owner,
                "name": each.name,
                "size": each.size,
                "digest": each.digest,
            }
            for each in record.documents
        ],
        "eligibility": [
            {**each.as_facts(), "waiver": record.waiver(each.rule) if each.answer == "waived" else None}
            for each in now.eligibility()
        ],
        "reason": record.reason,
        "filing": record.filing,
        "rectifications": [
            {
                "number": each.number,
                "state": each.state,
                "reason": each.reason,
                "proposed_at": each.proposed_at,
                "decided_at": each.decided_at,
                "items": [
                    {"item": item.item, "before": item.before, "after": item.after} for item in each.items
                ],
            }
            for each in record.rectifications
        ],
    }
    text: list[RenderableType] = []
    if record.form:
        text += [
            _title(reply, "填报内容", "Form"),
            reply.pairs(
                (f"  {terms.field(path)}", terms.value(path, value)) for path, value in record.form.items()
            ),
        ]
    for member in record.members:
        kind = terms.term("organisations", member.kind)
        head = f"{member.name} {member.uscc} · {kind} · {terms.term('states', member.status)}"
        text += [_title(reply, "成员单位", "Member unit"), f"  {head}"]
        if member.form:
            text.append(
                reply.pairs(
                    (f"  {terms.field(path)}", terms.value(path, value))
                    for path, value in member.form.items()
                )
            )
    if record.documents:
        rows = [
            (
                f"  {terms.material(each.material)}",
                each.name,
                f"{each.size:,} B",
                each.owner,
            )
            for each in record.documents
        ]
        text += [_title(reply, "材料", "Documents"), reply.table((), rows)]
    open_rules = [each for each in now.eligibility() if each.answer in (*STOPPING, "waived")]
    if open_rules and record.submitted_at is not None:
        text.append(_title(reply, "未符合或已豁免的条件", "Conditions not met, or waived"))
        text += [f"  {condition(terms, asked(each), _why(record, each.rule))}" for each in open_rules]
    if record.correction is not None:
        text.append(_title(reply, "本次补正事项", "To be corrected"))
        text += [f"  {terms.item(each.item)}：{each.remark}" for each in record.correction.items]
    if record.filing is not None:
        filing = record.filing
        text += [
            _title(reply, "备案", "Filing"),
            reply.pairs(
                [
                    (reply.say("  名称", "  Name"), filing.name),
                    (reply.say("  备案编号", "  Number"), filing.number),
                    (reply.say("  文号", "  Document"), filing.document_number),
                    (reply.say("  有效期", "  Valid"), f"{filing.valid_from} – {filing.valid_to}"),
                ]
            ),
        ]
    for each in record.rectifications:
        state = terms.term("states", each.state)
        text.append(_title(reply, f"更正 {each.number} · {state}", f"Rectification {each.number} · {state}"))
        text += [
            f"  {terms.item(item.item)}：{_value(terms, item.item, item.before)}"
            f" → {_value(terms, item.item, item.after)}"
            for item in each.items
        ]
        text.append(reply.say(f"  理由：{each.reason}", f"  Reason: {each.reason}"))
    if record.reason is not None:
        text.append(reply.say(f"理由：{record.reason}", f"Reason: {record.reason}"))
    return data, text


def _why(record: Application, rule: str) -> str:
    waiver = record.waiver(rule)
    return "" if waiver is None else waiver.reason


def _value(terms: Terms, item: str, value: Any) -> str:
    if value is None:
        return terms.say("none")
    if item.startswith("score:"):
        return written.points(value)
    path = item.split(":", 2)[2] if item.startswith("member:") else item
    return terms.value(path, value)


def _title(reply: Reply, zh: str, en: str) -> Text:
    return Text(reply.say(zh, en), style="bold")
