from collections.abc import Iterator

import pytest

from tests.notifications.mail_server import MailServer, serving


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving() as server:
        yield server
