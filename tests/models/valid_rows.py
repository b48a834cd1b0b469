"""One row for every table, each accepted: what the refusals are measured against."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from models import Record
from notifications.secret import Seal

NOW = datetime(2024, 7, 4, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=31)
DAY = date(2024, 7, 4)
SECRET_KEY = "k" * 32

TABLES = Record.metadata.tables

ROWS: dict[str, list[dict[str, Any]]] = {
    "bureaus": [
        {
            "id": 1,
            "code": "yueyang",
            "name_zh": "岳阳市科学技术局",
            "name_en": "Yueyang Science and Technology Bureau",
            "city_zh": "岳阳",
            "city_en": "Yueyang",
            "level": "city",
            "kind": None,
            "parent_id": None,
        },
        {
            "id": 2,
            "code": "pingjiang",
            "name_zh": "平江县科学技术局",
            "name_en": "Pingjiang Science and Technology Bureau",
            "city_zh": "岳阳",
            "city_en": "Yueyang",
            "level": "district",
            "kind": "county",
            "parent_id": 1,
        },
    ],
    "organisations": [
        {"id": 1, "uscc": "91430600MA4L16JQ9B", "name": "甲公司", "kind": "enterprise", "district_id": 2},
        {"id": 2, "uscc": "12430600MA4L16JQ8X", "name": "乙大学", "kind": "university", "district_id": 2},
    ],
    "people": [
        {
            "id": 1,
            "name": "张三",
            "email": "zhang@example.org",
            "phone": "13800000000",
            "id_digest": "a" * 64,
            "language": "zh",
            "handle": "zhang",
            "active": True,
            "choices": None,
        },
        {
            "id": 2,
            "name": "李四",
            "email": None,
            "phone": None,
            "id_digest": None,
            "language": "en",
            "handle": "li",
            "active": True,
            "choices": {"*": {"channels": ["sms", "email"], "digest": True}},
        },
    ],
    "roles": [
        {
            "id": 1,
            "person_id": 1,
            "role": "applicant",
            "bureau_id": None,
            "organisation_id": 1,
            "valid_from": DAY,
            "valid_to": DAY,
            "manages": True,
        },
        {
            "id": 2,
            "person_id": 2,
            "role": "district_officer",
            "bureau_id": 2,
            "organisation_id": None,
            "valid_from": DAY,
            "valid_to": None,
            "manages": False,
        },
    ],
    "delegations": [
        {
            "id": 1,
            "role_id": 1,
            "substitute_id": 2,
            "first_day": DAY,
            "last_day": DAY,
            "reason": "休假",
            "made_at": NOW,
            "made_by": 1,
            "ended_at": LATER,
            "ended_by": 2,
        }
    ],
    "supervisors": [{"role_id": 1, "person_id": 2}],
    "revisions": [
        {
            "id": 1,
            "code": "yueyang-2024",
            "content_hash": "b" * 64,
            "content": {"procedure.yaml": "code: yueyang-2024\n"},
            "published_at": NOW,
            "published_by": 1,
        }
    ],
    "subjects": [
        {
            "id": 1,
            "kind": "call",
            "bureau_id": 1,
            "parent_id": None,
            "revision_id": 1,
            "stage": "open",
            "outcome": None,
            "version": 0,
            "state": "{}",
            "head": "0" * 64,
            "entered_at": NOW,
            "wake_at": LATER,
            "passes_at": LATER,
            "created_at": NOW,
            "closed_at": None,
            "due_at": None,
            "district_id": None,
            "entry_district_id": None,
        },
        {
            "id": 2,
            "kind": "application",
            "bureau_id": 1,
            "parent_id": 1,
            "revision_id": 1,
            "stage": "filed",
            "outcome": "filed",
            "version": 1,
            "state": "{}",
            "head": "1" * 64,
            "entered_at": NOW,
            "wake_at": None,
            "passes_at": None,
            "created_at": NOW,
            "closed_at": LATER,
            "due_at": None,
            "district_id": 2,
            "entry_district_id": None,
        },
        {
            "id": 3,
            "kind": "application",
            "bureau_id": 1,
            "parent_id": 1,
            "revision_id": 1,
            "stage": "draft",
            "outcome": None,
            "version": 0,
            "state": "{}",
            "head": "0" * 64,
            "entered_at": NOW,
            "wake_at": None,
            "passes_at": None,
            "created_at": NOW,
            "closed_at": None,
            "due_at": LATER,
            "district_id": 2,
            "entry_district_id": 2,
        },
    ],
    "calls": [
        {
            "subject_id": 1,
            "bureau_id": 1,
            "code": "2024",
            "title_zh": "申报通知",
            "title_en": "Call",
            "opens_at": NOW,
            "closes_at": LATER,
            "dates": {},
        }
    ],
    "cases": [
        {
            "subject_id": 2,
            "call_id": 1,
            "bureau_id": 1,
            "number": "2024-001",
            "lead_id": 1,
            "district_id": 2,
            "direction": "石化新材料",
            "submitted_at": NOW,
            "closed": False,
        }
    ],
    "events": [
        {
            "subject_id": 2,
            "seq": 1,
            "kind": "draft_saved",
            "schema_version": 1,
            "effective_at": NOW,
            "recorded_at": NOW,
            "person_id": 1,
            "role": "applicant",
            "on_behalf_of": None,
            "act": "save_draft",
            "act_key": "key-1",
            "data": '{"b": 1, "a": 1.0}',
            "personal": '{"name": "张三"}',
            "prev_hash": "0" * 64,
            "hash": "1" * 64,
        }
    ],
    "members": [
        {
            "id": 1,
            "subject_id": 2,
            "organisation_id": 2,
            "kind": "university",
            "core_layer": False,
            "status": "invited",
            "invited_at": NOW,
            "answered_at": None,
            "answered_by": None,
            "details": {},
        }
    ],
    "files": [{"digest": "c" * 64, "size": 1, "stored_at": NOW}],
    "documents": [
        {
            "id": 1,
            "subject_id": 2,
            "material": "application_form",
            "organisation_id": 1,
            "digest": "c" * 64,
            "name": "申报书.pdf",
            "size": 1,
            "media_type": "application/pdf",
            "attached_at": NOW,
            "attached_by": 1,
            "removed_at": None,
        }
    ],
    "work_items": [
        {
            "id": 1,
            "subject_id": 2,
            "seq": 1,
            "stage": "draft",
            "role": "applicant",
            "bureau_id": None,
            "organisation_id": 1,
            "person_id": None,
            "opened_at": NOW,
            "due_at": LATER,
            "priority": 0,
            "done_at": None,
        }
    ],
    "deadlines": [
        {
            "subject_id": 2,
            "name": "submission",
            "occurrence": 1,
            "holder": "applicant",
            "state": "running",
            "base_at": NOW,
            "due_at": LATER,
            "provisional": False,
            "started_at": NOW,
            "ended_at": None,
        }
    ],
    "ledger": [
        {
            "subject_id": 2,
            "name": "submission",
            "occurrence": 1,
            "entry": 1,
            "seq": 1,
            "kind": "started",
            "at": NOW,
            "due_before": None,
            "due_after": LATER,
            "remaining": None,
            "reason": None,
            "person_id": None,
            "calendar": "2024.1",
            "provisional": False,
        }
    ],
    "timers": [
        {
            "subject_id": 2,
            "deadline": "submission",
            "occurrence": 1,
            "rung": "due",
            "at": LATER,
            "state": "pending",
            "why": "began_later",
            "settled_at": None,
        }
    ],
    "notices": [
        {
            "id": 1,
            "subject_id": 2,
            "cause": "event 1",
            "seq": 1,
            "text": "draft_saved",
            "recipient_id": 1,
            "channel": "email",
            "language": "zh",
            "urgency": 1,
            "state": "pending",
            "context": {},
            "created_at": NOW,
            "not_before": NOW,
            "leased_until": None,
            "attempts": 0,
            "strikes": 0,
            "sent_at": None,
            "possibly_twice": False,
            "message_id": "<1@beian>",
            "bundle": None,
            "instead_of": None,
        },
        {
            "id": 2,
            "subject_id": None,
            "cause": "daily 2024-07-04",
            "seq": None,
            "text": "daily_summary",
            "recipient_id": 1,
            "channel": "sms",
            "language": "zh",
            "urgency": 2,
            "state": "pending",
            "context": {},
            "created_at": NOW,
            "not_before": NOW,
            "leased_until": None,
            "attempts": 0,
            "strikes": 0,
            "sent_at": None,
            "possibly_twice": False,
            "message_id": "<2@beian>",
            "bundle": "2024-07-05",
            "instead_of": 1,
        },
    ],
    "addresses": [{"person_id": 1, "channel": "sms", "value": "sealed"}],
    "breakers": [
        {
            "channel": "email",
            "person_id": 0,
            "failures": 5,
            "opened_at": NOW,
            "retry_at": LATER,
            "probes": 0,
            "reason": "ConnectionRefusedError",
        }
    ],
    "deliveries": [
        {
            "id": 1,
            "notice_id": 1,
            "attempt": 1,
            "at": NOW,
            "channel": "email",
            "ok": False,
            "answer": "450 later",
            "duration_ms": 0,
            "content_hash": None,
            "prev_hash": "0" * 64,
            "hash": "d" * 64,
        }
    ],
    "experts": [
        {
            "id": 1,
            "person_id": 2,
            "bureau_id": 1,
            "employer_id": 2,
            "fields": ["材料"],
            "ties": [],
            "active": True,
        }
    ],
    "pool_changes": [
        {
            "bureau_id": 1,
            "seq": 1,
            "expert_id": 1,
            "kind": "admitted",
            "at": NOW,
            "person_id": 1,
            "reason": "入库",
            "state": {"employer": None, "fields": [], "ties": [], "active": True},
            "prev_hash": "0" * 64,
            "hash": "1" * 64,
        }
    ],
    "panels": [{"id": 1, "subject_id": 2, "occurrence": 1, "named_at": NOW, "size": 5}],
    "panel_members": [{"id": 1, "subject_id": 2, "expert_id": 1, "state": "assigned"}],
    "scores": [
        {
            "id": 1,
            "subject_id": 2,
            "stage": "expert_review",
            "expert_id": 1,
            "score": 10000,
            "comment": None,
            "scored_at": NOW,
            "frozen": False,
        }
    ],
    "visits": [
        {
            "id": 1,
            "subject_id": 2,
            "scheduled_for": NOW,
            "team": [1, 2],
            "visited_on": DAY,
            "result": "passed",
            "findings": None,
        }
    ],
    "defences": [
        {
            "id": 1,
            "subject_id": 2,
            "call_id": 1,
            "scheduled_for": NOW,
            "day": DAY,
            "place": "三楼会议室",
            "position": 1,
            "attended": None,
            "held_at": None,
        }
    ],
    "publicity": [
        {
            "id": 1,
            "call_id": 1,
            "number": 1,
            "version": 1,
            "snapshot_hash": "d" * 64,
            "document": "公示〔2024〕1号",
            "title": "拟备案名单",
            "reason": None,
            "published_at": NOW,
            "until": LATER,
            "provisional": False,
        },
        {
            "id": 2,
            "call_id": 1,
            "number": 1,
            "version": 2,
            "snapshot_hash": "e" * 64,
            "document": "公示〔2024〕2号",
            "title": None,
            "reason": "更正",
            "published_at": LATER,
            "until": LATER,
            "provisional": True,
        },
    ],
    "publicity_entries": [
        {
            "publicity_id": 1,
            "subject_id": 2,
            "position": 1,
            "lead_name": "甲公司",
            "direction": "石化新材料",
            "held": False,
        }
    ],
    "objections": [
        {
            "id": 1,
            "publicity_id": 1,
            "subject_id": 2,
            "number": 1,
            "seq": 1,
            "anonymous": True,
            "text": "异议",
            "lodged_at": NOW,
            "result": None,
            "decision": None,
            "decided_at": None,
        },
        {
            "id": 2,
            "publicity_id": 1,
            "subject_id": 2,
            "number": 2,
            "seq": 1,
            "anonymous": False,
            "text": "异议",
            "lodged_at": NOW,
            "result": "dismissed",
            "decision": "驳回",
            "decided_at": LATER,
        },
    ],
    "objection_evidence": [{"objection_id": 1, "digest": "c" * 64, "name": "证据.pdf"}],
    "register_entries": [
        {
            "id": 1,
            "bureau_id": 1,
            "subject_id": 2,
            "number": "YY-2024-001",
            "name": "岳阳市石化新材料创新联合体",
            "lead_id": 1,
            "direction": "石化新材料",
            "valid_from": DAY,
            "valid_to": DAY,
            "filed_at": NOW,
            "document_number": "岳科发〔2024〕1号",
            "state": "valid",
        }
    ],
    "counters": [{"bureau_id": 1, "name": "register", "value": 2**40}],
    "incidents": [
        {
            "id": 1,
            "fingerprint": "f",
            "kind": "wake",
            "subject_id": 2,
            "summary": "failed",
            "detail": "Traceback",
            "first_seen": NOW,
            "last_seen": NOW,
            "occurrences": 1,
            "state": "open",
            "assigned_to": 2,
        }
    ],
    "incident_cases": [
        {
            "incident_id": 1,
            "subject_id": 2,
            "state": "failing",
            "summary": "failed",
            "first_seen": NOW,
            "last_seen": NOW,
            "occurrences": 1,
        }
    ],
    "incident_entries": [
        {
            "id": 1,
            "incident_id": 1,
            "at": NOW,
            "kind": "raised",
            "subject_id": 2,
            "person_id": 1,
            "role": "operations",
            "on_behalf_of": 2,
            "remark": "x",
        }
    ],
    "matters": [
        {
            "subject_id": 2,
            "bureau_id": 1,
            "kind": "entry",
            "number": "YY-2024-001",
            "entry_id": 1,
            "round_id": 1,
            "cause_id": 1,
        }
    ],
    "consents": [
        {
            "subject_id": 2,
            "organisation_id": 1,
            "leaves": False,
            "answer": "consented",
            "answered_at": NOW,
            "answered_by": 1,
        }
    ],
    "bars": [
        {
            "subject_id": 2,
            "bureau_id": 1,
            "organisation_id": 1,
            "breached_on": DAY,
            "first_day": DAY,
            "last_day": DAY,
            "document_number": "4号",
            "void_at": LATER,
        }
    ],
    "credit_records": [
        {
            "id": 1,
            "bureau_id": 1,
            "organisation_id": 1,
            "person_id": 1,
            "facts": "提供虚假材料",
            "source": "7号",
            "recorded_at": NOW,
            "recorded_by": 1,
            "referred_on": DAY,
            "referred_to": "公安局",
        }
    ],
    "grants": [
        {
            "subject_id": 2,
            "bureau_id": 1,
            "entry_id": 1,
            "measure": "kunshan_cultivation",
            "consortium": "YY-2024-001",
            "beneficiary": "91430600MA4L16JQ9B",
            "object": "项目甲",
            "year": 2025,
            "amount": 3,
            "paid": 2,
            "recovered": 1,
            "granted_at": NOW,
        }
    ],
    "register_states": [{"entry_id": 1, "number": 1, "state": "valid", "since": NOW}],
    "achievements": [
        {
            "id": 1,
            "bureau_id": 1,
            "entry_id": 1,
            "kind": "projects",
            "title": "重大项目甲",
            "achieved_on": DAY,
            "source": "岳科发〔2024〕9号",
            "recorded_at": NOW,
            "recorded_by": 2,
            "struck_at": LATER,
            "struck_by": 1,
            "struck_reason": "误登",
        },
        {
            "id": 2,
            "bureau_id": 1,
            "entry_id": 1,
            "kind": "projects",
            "title": "重大项目甲",
            "achieved_on": DAY,
            "source": "岳科发〔2024〕9号",
            "recorded_at": NOW,
            "recorded_by": 2,
            "struck_at": None,
            "struck_by": None,
            "struck_reason": None,
        },
    ],
    "urges": [
        {
            "subject_id": 2,
            "number": 1,
            "at": NOW,
            "person_id": 1,
            "role": "applicant",
            "stage": "recommendation",
            "holder": "district",
            "remark": "x",
            "people": 1,
        }
    ],
    "no_conflicts": [{"subject_id": 2, "person_id": 1, "at": NOW}],
    "calendars": [
        {
            "id": 1,
            "year": 2024,
            "version": 1,
            "document": "国办发明电〔2023〕7号",
            "issued": date(2023, 10, 25),
            "content": {},
        }
    ],
    "credentials": [
        {
            "person_id": 1,
            "password_hash": "$argon2id$",
            "changed_at": NOW,
            "totp_sealed": Seal([SECRET_KEY]).seal("JBSWY3DPEHPK3PXP"),
            "totp_confirmed": True,
            "totp_step": 1,
        }
    ],
    "saved_views": [
        {"person_id": 1, "desk": "bureau", "name": "平江逾期", "query": "show=late", "made_at": NOW},
    ],
    "sessions": [
        {
            "id": 1,
            "person_id": 1,
            "token_digest": "b" * 64,
            "browser_digest": "c" * 64,
            "browser": "Firefox",
            "started_at": NOW,
            "seen_at": NOW,
            "ends_at": LATER,
            "ended_at": None,
        }
    ],
    "invitations": [
        {
            "id": 1,
            "person_id": 1,
            "token_digest": "d" * 64,
            "made_at": NOW,
            "ends_at": LATER,
            "used_at": NOW,
            "member_id": 1,
            "belongs": True,
            "judged_by": 1,
            "judged_at": NOW,
        }
    ],
    "api_tokens": [
        {
            "id": 1,
            "person_id": 1,
            "role": "city_officer",
            "scope": "read",
            "name": "x",
            "token_digest": "a" * 64,
            "made_at": NOW,
            "ends_at": LATER,
            "used_at": NOW,
            "ended_at": None,
        }
    ],
    "identities": [
        {"id": 1, "person_id": 1, "issuer": "https://id.example.cn", "subject": "x", "linked_at": NOW}
    ],
    "sign_in_attempts": [{"id": 1, "account_digest": "e" * 64, "place_digest": "f" * 64, "at": NOW}],
    "sweeps": [{"lane": "recommendation", "started_at": NOW, "finished_at": LATER, "moved": 0}],
}


def fill(connection: Connection, tables: Iterable[str] = ROWS) -> None:
    """Write the rows of `tables`, all of them by default."""
    for table in tables:
        connection.execute(TABLES[table].insert(), ROWS[table])


def refused_by(engine: Engine, error: IntegrityError) -> str:
    """The name of the constraint that refused; for SQLite's foreign keys just `foreign key`."""
    origin: Any = error.orig
    if engine.dialect.name == "postgresql":
        named = origin.diag
        return named.constraint_name or f"{named.table_name}.{named.column_name} is needed"
    kind, _, detail = str(origin).partition(" failed")
    detail = detail.removeprefix(": ")
    match kind:
        case "CHECK constraint":
            return detail
        case "FOREIGN KEY constraint":
            return "foreign key"
        case "NOT NULL constraint":
            return f"{detail} is needed"
        case "UNIQUE constraint":
            return _unique_name(detail)
    return str(origin)


def _unique_name(detail: str) -> str:
    if detail.startswith("index "):
        return detail.removeprefix("index ").strip("'")
    table = TABLES[detail.partition(".")[0]]
    columns = {part.partition(".")[2] for part in detail.split(", ")}
    return next(name for name, owned in _uniques(table) if owned == columns)


def _uniques(table: Table) -> Iterable[tuple[str, set[str]]]:
    yield str(table.primary_key.name), set(table.primary_key.columns.keys())
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), set(constraint.columns.keys())
    for index in table.indexes:
        if index.unique:
            yield str(index.name), set(index.columns.keys())
