"""What the interface's own description allows to be sent, whatever it is, is answered as described."""

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.casework.city import City, lead_uscc
from tests.web.conftest import SEAL
from tests.web.test_api import token_of
from tests.web.test_api_matters import entry_of, town
from tests.web.test_evaluations import filed
from web.app import create_app
from web.settings import PortalSettings

__all__ = ["filed", "town"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = {
    "bureau": "yueyang",
    "code": "2024",
    "material": "application_form",
    "owner": lead_uscc(0),
    "number": "YY2024-0001",
}
EXAMPLES = 8


@pytest.mark.parametrize("handle", ["chen", "zhang0", None])
def test_everything_is_answered_as_described(
    city: City, handle: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.case_at("recommendation", 0)
    answers = answered_as_described(city, handle, monkeypatch, "", KNOWN)
    # It was let in, and not by chance.
    assert sum(n for (_, status), n in answers.items() if status == 200) > 10


@pytest.mark.parametrize(
    ("handle", "of", "act", "rounds"),
    [("chen", "PJ2025/", "appoint_reviewers", 200), ("zhang0", "", "record_follow_up", 403)],
)
def test_what_comes_after_filing_is_answered_as_described(
    town: City, handle: str, of: str, act: str, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"bureau": "yueyang", "code": "PJ2025", "number": f"{of}{entry_of(town)}", "act": act}
    answers = answered_as_described(town, handle, monkeypatch, ("/matters", "/rounds"), known)
    assert answers["/matters/{bureau}/{number}", 200] > 0
    assert answers["/rounds/{bureau}/{code}", rounds] > 0


def test_what_is_a_recommending_units_is_answered_as_described(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.case_at("papers", 0)
    under = ("/radar", "/calls/{bureau}/{code}/recommending")
    answers = answered_as_described(city, "wang", monkeypatch, under, KNOWN)
    for path in ("/radar", "/calls/{bureau}/{code}/recommending/letter"):
        assert answers[path, 200] > 0


def answered_as_described(
    city: City,
    handle: str | None,
    monkeypatch: pytest.MonkeyPatch,
    under: str | tuple[str, ...],
    known: Mapping[str, str],
) -> Counter[tuple[str, int]]:
    """Ask what may be asked of the paths ``under``, in turn about ``known``; count the answers by path."""
    monkeypatch.setenv("BEIAN_SECRET_KEY", "门" * 32)
    monkeypatch.setenv("BEIAN_WEBHOOK_KEY", "钩" * 32)
    roles = {"chen": "city_officer", "zhang0": "applicant", "wang": "district_officer"}
    token = None if handle is None else token_of(city, handle, roles[handle])
    app = create_app(
        city.engine, Path(str(city.engine.url.database)).parent / "files", PortalSettings(), SEAL
    )
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    turn, answers = itertools.count(), Counter[tuple[str, int]]()

    def about(case: Any) -> Any:
        """Let every other request be about something that is there."""
        if next(turn) % 2:
            case.path_parameters.update(
                {name: known[name] for name in case.path_parameters or {} if name in known}
            )
        return case

    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(under):
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answered(case: Any) -> None:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            answer = about(case).call_and_validate(headers=headers, checks=CHECKS)
            answers[case.path, answer.status_code] += 1

        answered()
    return answers
