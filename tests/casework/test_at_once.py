"""Several people at once: one wins, the others are refused or decided anew; nothing is doubled or lost."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from city import EXPERTS, City
from projected import agrees, everywhere

from casework import acts, calls, wake
from casework.acts import Receipt, Request
from procedure.act import Refusal

Answer = Receipt | Refusal
THREADS = 8


def at_once(*jobs: Callable[[], Answer]) -> list[Answer]:
    """Run the jobs in threads that start together and return their answers in the jobs' order."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Answer]) -> Answer:
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def codes(answers: list[Answer]) -> Counter[str]:
    return Counter(answer.code if isinstance(answer, Refusal) else "done" for answer in answers)


def asking(city: City, case: int, who: str, act: str, **payload: object) -> Callable[[], Answer]:
    return lambda: acts.perform(city.engine, Request(case, act, city.people[who], payload))


def test_two_decisions_on_one_case_are_one(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    answers = at_once(
        asking(yueyang, case, "chen", "pass_review"),
        asking(yueyang, case, "chen", "reject", reason="材料不实"),
        asking(yueyang, case, "zhang0", "withdraw", reason="撤回"),
    )
    done = [answer for answer in answers if isinstance(answer, Receipt)]
    # Whoever came first: a review that was passed can still be withdrawn, whatever ended the case cannot.
    assert 1 <= len(done) <= 2
    assert set(codes(answers)) <= {"done", "closed", "act_not_at_this_stage"}
    assert yueyang.kinds(case)[-len(done) :].count("rejected") <= 1
    agrees(yueyang, case)


def test_eight_drafts_at_once_are_eight_events(yueyang: City) -> None:
    case = yueyang.start()
    saves = [
        asking(yueyang, case, "zhang0", "save_draft", fields={"lead.industry": f"第{n}链"})
        for n in range(THREADS)
    ]
    answers = at_once(*saves)
    assert codes(answers) == {"done": THREADS}
    assert sorted(answer.seq for answer in answers if isinstance(answer, Receipt)) == list(range(2, 10))
    assert yueyang.subject(case).version == 9
    agrees(yueyang, case)


def test_one_version_is_acted_on_once(yueyang: City) -> None:
    case = yueyang.start()

    def save(n: int) -> Callable[[], Answer]:
        request = Request(case, "save_draft", yueyang.people["zhang0"], {"fields": {}}, f"k{n}", version=1)
        return lambda: acts.perform(yueyang.engine, request)

    assert codes(at_once(*(save(n) for n in range(THREADS)))) == {"done": 1, "stale_version": THREADS - 1}


def test_the_same_key_at_once_is_one_event(yueyang: City) -> None:
    case = yueyang.filled()
    request = Request(case, "submit", yueyang.people["zhang0"], key="click")
    answers = at_once(*[lambda: acts.perform(yueyang.engine, request)] * THREADS)
    assert codes(answers) == {"done": THREADS}
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert Counter(each.repeated for each in receipts) == {True: THREADS - 1, False: 1}
    assert {(each.ref, each.seq, each.stage, each.at) for each in receipts} == {
        (receipts[0].ref, receipts[0].seq, "recommendation", receipts[0].at)
    }
    assert yueyang.kinds(case).count("submitted") == 1
    agrees(yueyang, case)


def test_one_open_case_for_each_lead_however_many_clicks(yueyang: City) -> None:
    lead = yueyang.lead(0)

    def start(key: str | None) -> Callable[[], Answer]:
        return lambda: calls.start(yueyang.engine, yueyang.call, lead, "pingjiang", key=key)

    answers = at_once(*[start(None)] * (THREADS // 2), *[start("begin")] * (THREADS // 2))
    assert yueyang.count("cases") == 1
    assert set(codes(answers)) <= {"done", "one_open_case"}
    assert sum(isinstance(each, Receipt) and not each.repeated for each in answers) == 1
    everywhere(yueyang)


def test_case_numbers_have_no_gaps_and_no_doubles(yueyang: City) -> None:
    leads = [yueyang.lead(n) for n in range(THREADS)]
    answers = at_once(
        *(
            lambda lead=lead: calls.start(yueyang.engine, yueyang.call, lead, "pingjiang")  # type: ignore[misc]
            for lead in leads
        )
    )
    assert codes(answers) == {"done": THREADS}
    numbers = sorted(row["number"] for row in yueyang.rows("cases"))
    assert numbers == [f"YY2024-{n:04d}" for n in range(1, THREADS + 1)]


def test_a_call_is_announced_once(yueyang: City) -> None:
    revision = yueyang.rows("revisions")[0]["id"]
    admin = yueyang.people["admin"]
    answers = at_once(*[lambda: calls.announce(yueyang.engine, revision, "2025", admin)] * 4)
    assert codes(answers) == {"done": 1, "call_exists": 3}


def waiting_for_filing(city: City, directions: list[str]) -> list[int]:
    """Return cases selected in one list, with these directions."""
    cases = [city.case_at("selection", n, direction) for n, direction in enumerate(directions)]
    city.at("2024-08-06T09:00")
    city.do(city.call, "boss", "select", cases=[city.subject(case).ref for case in cases])
    return cases


def test_register_numbers_have_no_gaps_and_official_names_no_doubles(yueyang: City) -> None:
    cases = waiting_for_filing(yueyang, ["甲", "乙", "丙", "丁", "重名", "重名", "重名", "重名"])
    particulars = {"document_number": "岳科发〔2024〕1号", "document_date": "2024-08-06"}
    answers = at_once(*(asking(yueyang, case, "chen", "file", **particulars) for case in cases))
    assert codes(answers) == {"done": 5, "name_taken": 3}
    entries = yueyang.rows("register_entries", order="number")
    assert [row["number"] for row in entries] == [f"YYLHT-2024-{n:03d}" for n in range(1, 6)]
    assert {row["name"] for row in entries} == {
        f"岳阳市{direction}创新联合体" for direction in ("甲", "乙", "丙", "丁", "重名")
    }
    # The refused ones are filed under another name, with the next numbers.
    refused = [case for case in cases if yueyang.subject(case).outcome is None]
    again = at_once(
        *(
            asking(yueyang, case, "chen", "file", **particulars, direction=f"另{n}")
            for n, case in enumerate(refused)
        )
    )
    assert codes(again) == {"done": 3}
    assert [row["number"] for row in yueyang.rows("register_entries", order="number")] == [
        f"YYLHT-2024-{n:03d}" for n in range(1, 9)
    ]
    everywhere(yueyang)


def test_all_experts_score_at_once(yueyang: City) -> None:
    case = yueyang.case_at("expert_review")
    answers = at_once(*(asking(yueyang, case, expert, "score", points="90") for expert in EXPERTS))
    assert codes(answers) == {"done": 5}
    assert len(yueyang.subject(case).application.scores) == 5
    agrees(yueyang, case)


def test_a_selection_and_a_withdrawal_at_once_agree(yueyang: City) -> None:
    cases = [yueyang.case_at("selection", n) for n in range(2)]
    refs = [yueyang.subject(case).ref for case in cases]
    yueyang.at("2024-08-06T09:00")
    answers = at_once(
        asking(yueyang, yueyang.call, "boss", "select", cases=refs),
        asking(yueyang, cases[0], "zhang0", "withdraw", reason="撤回"),
    )
    assert isinstance(answers[1], Receipt)
    stages = [(yueyang.subject(case).stage, yueyang.subject(case).outcome) for case in cases]
    if isinstance(answers[0], Receipt):
        assert stages == [("filing", "withdrawn"), ("filing", None)]
    else:
        assert answers[0].code == "not_ready_for_selection"
        assert stages == [("selection", "withdrawn"), ("selection", None)]
    everywhere(yueyang)


def test_a_selection_is_made_whole_or_not_at_all(yueyang: City) -> None:
    cases = [yueyang.case_at("selection", n) for n in range(3)]
    refs = [yueyang.subject(case).ref for case in cases]
    yueyang.at("2024-08-06T09:00")
    before = yueyang.everything()
    answer = yueyang.ask(yueyang.call, "boss", "select", {"cases": [*refs[:2], "YY2024-9999"]})
    assert isinstance(answer, Refusal)
    assert answer.code == "not_ready_for_selection"
    after = yueyang.everything()
    assert after == before
    yueyang.do(yueyang.call, "boss", "select", cases=refs[:2])
    assert [yueyang.subject(case).outcome or yueyang.subject(case).stage for case in cases] == [
        "filing",
        "filing",
        "not_selected",
    ]
    roles = [(row["role"], row["act"]) for case in cases for row in yueyang.rows("events", case)[-1:]]
    assert roles == [("system", "be_selected"), ("system", "be_selected"), ("system", "be_passed_over")]
    everywhere(yueyang)


def test_an_act_and_a_sweep_at_once_move_the_case_once(yueyang: City) -> None:
    cases = [yueyang.case_at("papers", n) for n in range(3)]
    yueyang.at("2024-08-14T09:00")
    answers = at_once(
        *(asking(yueyang, case, "chen", "refuse_papers", reason="未送达") for case in cases),
        lambda: Refusal(str(len(wake.sweep(yueyang.engine, "application").moved))),
    )
    assert codes(answers[:3]) == {"done": 3}
    for case in cases:
        assert yueyang.kinds(case)[-2:] == ["deadline_passed", "papers_refused"]
        agrees(yueyang, case)
