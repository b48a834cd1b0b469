"""A renewal begun from the entry's page, and an expert's review given on the portal."""

from casework import calls, loading, rounds
from casework.acts import Receipt
from models.database import reading
from procedure.evaluation import Review
from tests.casework.city import City
from tests.web.desk import Person, words
from tests.web.test_evaluations import filed, subject

__all__ = ["filed"]

AGAIN = {
    "filing_opens": "2025-08-05T00:00",
    "filing_closes": "2028-12-01T18:00",
    "recommendation_due": "2028-12-09T18:00",
    "papers_due": "2028-12-13",
}


def test_a_renewal_is_an_application_of_its_own_with_what_is_still_true(filed: City) -> None:
    revision = filed.rows("revisions")[0]["id"]
    called = calls.announce(filed.engine, revision, "again", filed.people["admin"], AGAIN)
    assert isinstance(called, Receipt)
    with reading(filed.engine) as connection:
        call = loading.id_of(connection, "again")
    filed.at("2027-03-01T09:00")
    [entry] = filed.rows("register_entries")
    home = f"/filed/yueyang/{entry['number']}/renewal"
    zhang = Person(filed, "zhang0")
    zhang.opens(home)
    assert 'href="#call"' in zhang.sends(home, 422, call="")
    page = words(zhang.sends(home, call=str(call)))
    renewed = filed.rows("cases")[-1]
    assert (renewed["call_id"], renewed["number"] in page) == (call, True)
    former = filed.subject(entry["subject_id"]).application.form
    assert filed.subject(renewed["subject_id"]).application.form == former


def test_an_expert_reviews_on_the_portal_and_has_nothing_more_to_see_then(filed: City) -> None:
    rounds.announce(filed.engine, "yueyang", filed.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(filed.engine)
    [entry] = filed.rows("register_entries")
    ref = f"PJ2025/{entry['number']}"
    with reading(filed.engine) as connection:
        task = loading.id_of(connection, ref)
    filed.do(task, "zhang0", "submit_report", contents={"results": "完成"})
    filed.do(task, "wang", "comment_report", comment="属实")
    home, expert = f"/matters/yueyang/{ref}", Person(filed, "e0")
    assert expert.client.get(home).status_code == 404
    filed.do(task, "chen", "appoint_reviewers", experts=["e0", "e1"])
    assert ref in words(expert.opens("/evaluations"))
    expert.opens(home)
    assert "应为0至100分" in words(expert.sends("/review_report", 422, score="100.01", opinion="好"))
    assert subject(filed, ref).record.reviews == ()
    expert.sends("/review_report", score="88.5", opinion="指标大多完成")
    [review] = subject(filed, ref).record.reviews
    assert review == Review(filed.people["e0"].person, 8850, "指标大多完成")
    assert expert.client.get(home).status_code == 404
