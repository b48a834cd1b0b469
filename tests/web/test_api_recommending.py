"""A recommending unit's call for programs: recommended together, ranked, its letter handed in."""

import io

from pypdf import PdfReader

from casework import parties
from models.database import writing
from tests.casework.city import PLAN, City
from tests.web.desk import PDF
from tests.web.test_api import program
from tests.web.test_district_calls import NUMBERS

CALL = "/calls/yueyang/2024"
PATH = f"{CALL}/recommending"


def test_cases_are_accepted_and_recommended_together_each_with_its_own_answer(city: City) -> None:
    cases = [city.case_at("recommendation", n) for n in range(3)]
    wang = program(city, "wang", "district_officer")
    seen = wang.ask("GET", PATH).json()
    assert seen["ready"] == {"accept_online": NUMBERS, "endorse": []}
    assert (seen["unit"]["zh"], seen["quota"], seen["made"]) == ("平江县科技局", None, 0)
    accepted = wang.ask("POST", f"{CALL}/cases/acts/accept_online", json={"cases": NUMBERS}).json()
    assert [each["problem"] for each in accepted] == [None] * 3
    city.do(cases[2], "wang", "return_for_correction", **PLAN)
    together = {
        "cases": [*NUMBERS, "YY2024-0009"],
        "payload": {"opinion": "材料真实完整，同意推荐"},
        "own": {NUMBERS[1]: {"position": 1}},
    }
    ask = {"json": together, "headers": {"Idempotency-Key": "endorse-1"}}
    answers = wang.ask("POST", f"{CALL}/cases/acts/endorse", **ask).json()
    assert [each["number"] for each in answers] == together["cases"]
    assert [each["receipt"] and each["receipt"]["stage"] for each in answers] == [
        "papers",
        "papers",
        None,
        None,
    ]
    assert [each["problem"] and each["problem"]["status"] for each in answers] == [None, None, 409, 404]
    again = wang.ask("POST", f"{CALL}/cases/acts/endorse", **ask).json()
    assert [each["receipt"] and each["receipt"]["repeated"] for each in again] == [True, True, None, None]
    listed = wang.ask("GET", PATH).json()
    ranked = [(each["number"], each["position"], each["letter"]) for each in listed["recommended"]]
    assert ranked == [(NUMBERS[1], 1, None), (NUMBERS[0], None, None)]
    assert (listed["made"], listed["letter"]["for_cases"]) == (2, NUMBERS[:2])
    long = wang.ask("POST", f"{CALL}/cases/acts/endorse", **ask | {"headers": {"Idempotency-Key": "x" * 121}})
    assert (long.status_code, long.json()["code"]) == (422, "bad_key")


def test_the_letter_is_drawn_up_and_handed_in_stamped(city: City) -> None:
    cases = [city.case_at("papers", n) for n in range(2)]
    wang = program(city, "wang", "district_officer")
    query = {"number": "平科函〔2024〕3号", "finance": "平江县财政局"}
    answer = wang.ask("GET", f"{PATH}/letter", params=query)
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = "".join("".join(page.extract_text() for page in pages).replace("\x00", "").split())
    for told in (*NUMBERS[:2], "平科函〔2024〕3号", "平江县财政局（盖章）", "联合推荐以下2个"):
        assert told in text
    files = {"file": ("推荐函.pdf", PDF)}
    done = wang.ask("POST", f"{PATH}/letter", data={"cases": NUMBERS[:2]}, files=files).json()
    assert [(each["number"], each["problem"]) for each in done] == [(each, None) for each in NUMBERS[:2]]
    for case in cases:
        [letter] = [each for each in city.subject(case).application.documents if each.owner == "pingjiang"]
        assert (letter.material, letter.name) == ("recommendation_letter", "推荐函.pdf")
    listed = wang.ask("GET", PATH).json()["recommended"]
    assert [each["letter"]["name"] for each in listed] == ["推荐函.pdf"] * 2
    none = wang.ask("POST", f"{PATH}/letter", data={"cases": NUMBERS[:1]}, files={"file": ("x.pdf", b"MZ")})
    assert (none.status_code, none.json()["code"]) == (422, "not_what_it_says")


def test_a_call_is_there_for_the_units_that_have_cases_in_it(city: City) -> None:
    case = city.case_at("recommendation")
    with writing(city.engine) as connection:
        xiangyin = parties.bureau_id(connection, "xiangyin")
    city.person("xu", "district_officer", bureau_id=xiangyin)
    events = city.count("events")
    xu, chen = program(city, "xu", "district_officer"), program(city, "chen", "city_officer")
    reads = program(city, "wang", "district_officer", "read")
    for path in (PATH, f"{PATH}/letter"):
        assert xu.ask("GET", path).status_code == 404
        assert chen.ask("GET", path).status_code == 403
    sent = {"data": {"cases": NUMBERS[:1]}, "files": {"file": ("推荐函.pdf", PDF)}}
    assert xu.ask("POST", f"{PATH}/letter", **sent).status_code == 404
    assert chen.ask("POST", f"{PATH}/letter", **sent).status_code == 403
    assert reads.ask("POST", f"{PATH}/letter", **sent).json()["code"] == "scope"
    together = {"json": {"cases": NUMBERS[:1]}}
    [answer] = xu.ask("POST", f"{CALL}/cases/acts/accept_online", **together).json()
    assert answer["problem"]["code"] == "not_found"
    assert reads.ask("POST", f"{CALL}/cases/acts/accept_online", **together).json()["code"] == "scope"
    assert (city.count("events"), city.subject(case).stage) == (events, "recommendation")
