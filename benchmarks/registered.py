"""Many entries of the register, by their rows alone: each with a lead unit and an applicant of its own."""

from typing import Final

from sqlalchemy import Connection, func, insert, select

from benchmarks.city import City
from models import Case, Matter, Organisation, Person, RegisterEntry, Role, Subject
from procedure.instant import calendar_day, local_instant

_FILED: Final = local_instant("2024-08-01T09:00")
_AT_ONCE: Final = 10_000


def registered(connection: Connection, city: City, entries: int) -> int:
    """File `entries` consortia by their rows alone, each with a lead unit and an applicant of its own."""
    case = connection.execute(
        select(Case.__table__).where(Case.__table__.c.subject_id == city.case.subject)
    ).one()
    subject = connection.execute(
        select(Subject.__table__).where(Subject.__table__.c.id == city.case.subject)
    ).one()
    start = {
        table.name: connection.execute(select(func.max(table.c.id))).scalar_one() + 1
        for table in (Organisation.__table__, Person.__table__, Subject.__table__)
    }
    units, people, subjects = start["organisations"], start["people"], start["subjects"]
    day = calendar_day("2024-01-01")
    for begins in range(0, entries, _AT_ONCE):
        chunk = range(begins, min(begins + _AT_ONCE, entries))
        connection.execute(
            insert(Organisation.__table__),
            [
                {"id": units + n, "uscc": f"91430600MA{n:08d}", "name": f"第{n}公司", "kind": "enterprise"}
                for n in chunk
            ],
        )
        connection.execute(
            insert(Person.__table__),
            [
                {
                    "id": people + n,
                    "handle": f"unit-{n}",
                    "name": f"经办{n}",
                    "email": f"unit-{n}@example.org",
                    "language": "zh",
                    "active": True,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(Role.__table__),
            [
                {
                    "person_id": people + n,
                    "role": "applicant",
                    "organisation_id": units + n,
                    "valid_from": day,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(Subject.__table__),
            [
                {
                    **dict(subject._mapping),
                    "id": subjects + n,
                    "stage": "filing",
                    "outcome": "filed",
                    "wake_at": None,
                    "passes_at": None,
                    "due_at": None,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(Case.__table__),
            [
                {
                    **dict(case._mapping),
                    "subject_id": subjects + n,
                    "number": f"C{n}",
                    "lead_id": units + n,
                    "closed": True,
                }
                for n in chunk
            ],
        )
        connection.execute(
            insert(RegisterEntry.__table__),
            [
                {
                    "bureau_id": case.bureau_id,
                    "subject_id": subjects + n,
                    "number": f"YYLHT-2024-{n:06d}",
                    "name": f"岳阳市第{n}方向创新联合体",
                    "lead_id": units + n,
                    "direction": f"第{n}方向",
                    "valid_from": calendar_day("2024-08-01"),
                    "valid_to": calendar_day("2027-07-31"),
                    "filed_at": _FILED,
                    "document_number": "1号",
                    "state": "valid",
                }
                for n in chunk
            ],
        )
    of_entry = {
        **dict(subject._mapping),
        "id": subjects + entries,
        "kind": "entry",
        "stage": "valid",
        "parent_id": None,
        "wake_at": None,
        "passes_at": None,
        "due_at": None,
        "district_id": None,
    }
    connection.execute(insert(Subject.__table__), [of_entry])
    one = connection.execute(select(func.min(RegisterEntry.__table__.c.id))).scalar_one()
    connection.execute(
        insert(Matter.__table__),
        [
            {
                "subject_id": subjects + entries,
                "bureau_id": case.bureau_id,
                "kind": "entry",
                "number": "YYLHT-2024-000000",
                "entry_id": one,
            }
        ],
    )
    return subjects + entries + 2
