"""What the interface's own description allows to be sent, whatever it is, is answered as described."""

import itertools
from collections import Counter
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
from web.app import create_app
from web.settings import PortalSettings

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
    monkeypatch.setenv("BEIAN_SECRET_KEY", "门" * 32)
    monkeypatch.setenv("BEIAN_WEBHOOK_KEY", "钩" * 32)
    city.case_at("recommendation", 0)
    roles = {"chen": "city_officer", "zhang0": "applicant"}
    token = None if handle is None else token_of(city, handle, roles[handle])
    app = create_app(
        city.engine, Path(str(city.engine.url.database)).parent / "files", PortalSettings(), SEAL
    )
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    turn, answers = itertools.count(), Counter[int]()

    def known(case: Any) -> Any:
        """Let every other request be about something that is there."""
        if next(turn) % 2:
            case.path_parameters.update(
                {name: KNOWN[name] for name in case.path_parameters or {} if name in KNOWN}
            )
        return case

    for found in schema.get_all_operations():
        operation = found.ok()

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
            answers[known(case).call_and_validate(headers=headers, checks=CHECKS).status_code] += 1

        answered()
    # It was let in, and not by chance.
    assert answers[200] > 10
