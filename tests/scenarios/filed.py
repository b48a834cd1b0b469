"""A city's register with many entries: consortia filed as one of its own was, on the same day.

Each has the application of the one it was made after, event by event, sealed anew under its own names; what
comes after filing begins for it as for any other.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select
from stdnum.cn.uscc import calc_check_digit

from casework import chain, loading, matters, parties
from casework.chain import ORIGIN
from models import Record
from models.database import writing
from procedure import event as events
from procedure.instant import calendar_day

TABLES = Record.metadata.tables
COPIED = ("deadlines", "ledger", "timers", "members", "documents")
SINCE = calendar_day("2024-01-01")


def unit(n: int) -> str:
    """Return the made-up code of the n-th lead unit."""
    code = f"91110000MA7L{n:05d}"
    return code + calc_check_digit(code)


def filled_up(engine: Engine, bureau: str, to: int) -> list[str]:
    """File as many consortia as are missing from the bureau's register; return all numbers, in order.

    Of the n-th entry that was made so the person ``unitN`` applies.
    """
    entries = TABLES["register_entries"]
    with writing(engine) as connection:
        rows = connection.execute(select(entries).order_by(entries.c.id)).mappings().all()
        model = _Model(connection, dict(rows[0]))
        made = [model.again(connection, n) for n in range(len(rows) + 1, to + 1)]
        for name in ("subjects", "cases", "events", *COPIED, "register_entries"):
            connection.execute(insert(TABLES[name]), model.rows[name])
        for subject, filing in made:
            matters.follow(connection, loading.one(connection, subject), [filing])
        return [row["number"] for row in (*rows, *model.rows["register_entries"])]


class _Model:
    """The entry that others are made after, with its application; ``rows`` are theirs, by table."""

    def __init__(self, connection: Connection, entry: dict[str, Any]) -> None:
        subject = entry["subject_id"]
        self._entry = entry
        self._subject = _one(connection, "subjects", "id", subject)
        self._case = _one(connection, "cases", "subject_id", subject)
        self._lead = _one(connection, "organisations", "id", entry["lead_id"])
        self._copied = {name: _of(connection, name, subject) for name in ("events", *COPIED)}
        subjects = TABLES["subjects"]
        self._last = int(connection.execute(select(func.max(subjects.c.id))).scalar_one())
        self.rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def again(self, connection: Connection, n: int) -> tuple[int, events.Event]:
        """Gather the n-th entry; return its application's id, and the filing."""
        like, case, direction = self._lead, self._case, f"第{n}方向"
        lead = parties.organisation(connection, unit(n), f"第{n}单位", like["kind"], like["district_id"])
        person = parties.person(connection, f"unit{n}", f"经办{n}", f"unit{n}@example.org")
        parties.grant(connection, person, "applicant", organisation_id=lead, valid_from=SINCE)
        own = {
            like["uscc"]: unit(n),
            like["name"]: f"第{n}单位",
            self._entry["number"]: f"{self._entry['number'][:-3]}{n:03d}",
            case["number"]: f"{case['number']}-{n}",
            self._entry["direction"]: direction,
        }
        subject = self._last = self._last + 1
        head, filing = ORIGIN, None
        for each in self._copied["events"]:
            row = {**each, "subject_id": subject, "data": _named(each["data"], own), "prev_hash": head}
            row["hash"] = head = chain.seal(row, head)
            self.rows["events"].append(row)
            if row["kind"] == "filed":
                filing = events.load(row["data"])
        assert filing is not None
        for name in COPIED:
            self.rows[name] += [{**row, "subject_id": subject} for row in self._copied[name]]
        state = _named(self._subject["state"], own)
        self.rows["subjects"].append({**self._subject, "id": subject, "state": state, "head": head})
        its = {"subject_id": subject, "lead_id": lead}
        self.rows["cases"].append({**case, **its, "number": own[case["number"]]})
        entry = {**self._entry, **its, "direction": direction, "state": "valid"}
        entry |= {"number": own[entry["number"]], "name": _named(entry["name"], own)}
        del entry["id"]
        self.rows["register_entries"].append(entry)
        return subject, filing


def _one(connection: Connection, table: str, column: str, value: Any) -> dict[str, Any]:
    found = TABLES[table]
    return dict(connection.execute(select(found).where(found.c[column] == value)).mappings().one())


def _of(connection: Connection, table: str, subject: int) -> list[dict[str, Any]]:
    """Return the rows of a subject, in order, without numbers that the database gives."""
    found = TABLES[table]
    statement = select(found).where(found.c.subject_id == subject).order_by(*found.primary_key.columns)
    return [
        {key: value for key, value in row.items() if key != "id"}
        for row in connection.execute(statement).mappings()
    ]


def _named(text: str, own: dict[str, str]) -> str:
    for old, new in own.items():
        text = text.replace(old, new)
    return text
