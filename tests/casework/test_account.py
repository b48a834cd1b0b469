"""An account names people by handle: the same story has the same account in any database."""

from casework import account
from models.database import reading
from tests.casework.city import EXPERTS, City


def told(city: City, case: int, kind: str) -> list[dict[str, object]]:
    with reading(city.engine) as connection:
        events = account.account(connection, case)["events"]
    return [event["data"] for event in events if event["kind"] == kind]


def test_whoever_a_record_names_is_named_by_handle(yueyang: City) -> None:
    case = yueyang.case_at("panel_naming")
    yueyang.do(case, "chen", "name_panel", experts=EXPERTS)
    assert [data["experts"] for data in told(yueyang, case, "panel_named")] == [EXPERTS]
    yueyang.do(case, EXPERTS[0], "declare_conflict", reason="同一课题组")
    (data,) = told(yueyang, case, "conflict_declared")
    assert (data["expert"], data["released"], data["seated"]) == (EXPERTS[0], [EXPERTS[0]], [])


def test_who_a_case_was_given_to_is_named_by_handle(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "chen", "reassign", officer="chen", reason="专人办理")
    (data,) = told(yueyang, case, "reassigned")
    assert (data["to"], data["from"]) == ("chen", None)
