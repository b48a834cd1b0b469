"""Whatever is typed, an act is carried out or refused by name: the database never has to say no."""

from typing import Any

from city import EXPERTS, FORM, UNIVERSITY, City
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projected import everywhere

from casework.access import Claim
from casework.acts import Receipt, Request, perform
from procedure.act import Refusal
from procedure.acts import ACTS
from procedure.pack import shipped

STAGES = ("draft", "recommendation", "papers", "formal_review", "site_visit", "panel_naming", "expert_review")
LIFE = shipped("yueyang-2024").procedure.application
PEOPLE = {
    "applicant": "zhang{n}",
    "member": "li",
    "district_officer": "wang",
    "city_officer": "chen",
    "city_leader": "boss",
    "expert": "e0",
}

LONG = "长" * 4000
TYPED = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**30)
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            *(
                "",
                " ",
                "\x00",
                "a\x00b",
                "\ud800",
                "\u202e",
                LONG,
                "理由\n另起一行",
                "2024-08-20",
                "9999-12-31",
            ),
            *("0001-01-01T00:00+14:00", "2024-W30-1", UNIVERSITY, "e0", "formal_review", "visit", "70.5"),
            *("document:implementation_plan", "lead.rd_spending", "plan.pdf", "a" * 64, "application/pdf"),
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FORM, UNIVERSITY, "item", "remark", "\x00"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def ask_anything(city: City, cases: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(cases) - 1))
    possible = LIFE.acts(STAGES[n])
    name = data.draw(st.sampled_from([*possible, *possible, *sorted(ACTS)]))
    roles = [role for role in (possible[name].roles if name in possible else PEOPLE) if role in PEOPLE]
    who = city.people[PEOPLE[data.draw(st.sampled_from(roles or ["applicant"]))].format(n=n)]
    fields = st.sampled_from([*ACTS[name].payload.model_fields, "unknown"])
    payload: dict[str, Any] = data.draw(st.dictionaries(fields, TYPED, max_size=6))
    key = data.draw(st.none() | st.text(max_size=4) | st.just(LONG))
    version = data.draw(st.none() | st.integers(-5, 10**12))
    claim = Claim(who.person, who.role)
    answer = perform(city.engine, Request(cases[n], name, claim, payload, key, version))
    assert isinstance(answer, Receipt | Refusal)


def test_anything_can_be_typed(yueyang: City) -> None:
    cases = [yueyang.case_at(stage, n) for n, stage in enumerate(STAGES)]
    assert set(EXPERTS) <= set(yueyang.people)
    ask_anything(yueyang, cases)
    everywhere(yueyang)
