import pytest
from pydantic import ValidationError

from notifications.channel import deliver
from notifications.settings import EMAIL, ChannelSettings
from tests.notifications.mail_server import MailServer
from tests.notifications.test_channel import MESSAGE


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BEIAN_SMTP_URL", "BEIAN_MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_mail_server_there_is_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEIAN_SMTP_URL", "")
    settings = ChannelSettings()
    assert settings.channels == ()
    with pytest.raises(LookupError, match="no channel 'email' is configured"):
        settings.url(EMAIL, "li.na@example.gov.cn")


def test_the_environment_names_the_server_and_the_sender(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEIAN_SMTP_URL", f"{mail_server.url}/?reply=desk@example.gov.cn&+X-Bureau=YY")
    monkeypatch.setenv("BEIAN_MAIL_FROM", "岳阳市科学技术局 <beian@example.gov.cn>")
    settings = ChannelSettings()
    assert settings.channels == (EMAIL,)
    assert deliver(settings.url(EMAIL, MESSAGE.recipient), MESSAGE, 5).ok
    (letter,) = mail_server.letters
    assert letter["From"] == "岳阳市科学技术局 <beian@example.gov.cn>"
    assert letter["Reply-To"] == "desk@example.gov.cn"
    assert letter["X-Bureau"] == "YY"


@pytest.mark.parametrize("address", ["a+b@example.cn", "A.B@Example.CN", "x_y=z@example.cn"])
def test_odd_addresses_reach_exactly_their_owner(mail_server: MailServer, address: str) -> None:
    settings = ChannelSettings(smtp_url=mail_server.url, mail_from="beian@example.gov.cn")
    message = type(MESSAGE)(address, "x", "x", "x", "<1@x>", "<2@x>", MESSAGE.at)
    answer = deliver(settings.url(EMAIL, address), message, 5)
    assert answer.ok, answer.detail
    assert mail_server.envelopes == [("beian@example.gov.cn", [address])]


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("json://u:geheim@example.cn", "must be mailto"),
        ("mailtos://u:geheim@mail.example.cn/li.na@example.cn", "must name no recipient"),
        ("mailtos://u:geheim@mail.example.cn?bcc=all@example.cn", "must name no recipient"),
        ("mailtos://u:geheim@mail.example.cn?mode=geheim", "secure mode"),
        ("mailto://mail.example.cn", "Invalid ~From~"),
    ],
)
def test_a_wrong_server_is_refused_at_once_and_keeps_its_secret(url: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint) as refused:
        ChannelSettings(smtp_url=url)
    assert "u:geheim" not in str(refused.value)


def test_settings_do_not_show_the_password() -> None:
    settings = ChannelSettings(smtp_url="mailtos://u:geheim@mail.example.cn")
    assert "geheim" not in repr(settings)
    assert "geheim" not in settings.model_dump_json()
