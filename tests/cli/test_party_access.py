"""`beian party invite | password`: people come to sign in."""

from sqlalchemy import Engine

from casework import accounts, clock, parties
from models.database import reading
from tests.cli.terminal import Terminal
from tests.cli.test_bad_input import refused


def test_an_invitation_is_shown_once_as_a_link(terminal: Terminal, story: Engine) -> None:
    told = terminal.data("party", "invite", "jiang", "--portal", "https://beian.example.gov.cn/")
    start, _, token = told["link"].rpartition("/")
    assert start == "https://beian.example.gov.cn/welcome"
    with reading(story) as connection:
        person = accounts.invited(connection, token, clock.present(None))
    assert person is not None
    assert person.handle == "jiang"


def test_a_password_comes_through_a_pipe_and_must_be_fit(terminal: Terminal, story: Engine) -> None:
    password = "七月的湖水 1958"
    assert terminal.data("party", "password", "jiang", stdin=f"{password}\n") == {"handle": "jiang"}
    with reading(story) as connection:
        person = parties.person_id(connection, "jiang")
    assert accounts.is_password(story, person, password)
    refused(terminal.run("party", "password", "jiang", "--json", stdin="short\n"), 1, "unfit_password", "10")
    assert accounts.is_password(story, person, password)
