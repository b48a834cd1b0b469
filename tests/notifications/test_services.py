"""Channels over HTTP, against a real server that misbehaves on purpose."""

import base64
import hashlib
import hmac
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from notifications.channel import Answer, deliver
from notifications.message import Message
from notifications.settings import BadAddress, ChannelSettings, checked
from notifications.tencent import authorization
from notifications.web import is_private
from notifications.webhook import sign
from tests.notifications.mail_server import free_port
from tests.notifications.test_channel import MESSAGE
from tests.notifications.web_server import WebServer, web_serving

KEY = "k" * 32
ADDRESSES = {
    "wecom_bot": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "dingtalk": "SECabcdef0123@1a2b3c4d5e6f",
    "feishu": "hook-0123456789:signing0123",
    "wecom": "zhangsan",
    "sms": "13800000000",
}
FINE: dict[str, Any] = {
    "wecom_bot": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"code": 0, "msg": "success"},
    "sms": {"Code": "OK", "BizId": "900619746936498440^0"},
}
REFUSED: dict[str, Any] = {
    "wecom_bot": {"errcode": 93000, "errmsg": "invalid webhook url"},
    "dingtalk": {"errcode": 310000, "errmsg": "sign not match"},
    "feishu": {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"},
    "sms": {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发天级流控"},
}
NOTICE = Message(
    recipient="",
    subject="岳阳：推荐截止提醒",
    plain="",
    html="",
    message_id="<4f1c2a@beian>",
    thread="<subject-7@beian>",
    at=MESSAGE.at,
    text="请于8月9日18:00前推荐。",
    case="YY-2024-0007",
    cause="rung recommendation 1 before_3d",
)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_serving() as server:
        yield server


def settings(web: WebServer | None = None, **given: Any) -> ChannelSettings:
    place = f"http://127.0.0.1:{free_port()}" if web is None else web.url
    return ChannelSettings(
        **{
            "smtp_url": None,
            "secret_key": KEY,
            "webhook_key": KEY,
            "wecom_app": "wecom://wwcorp01:geheim01@1000002",
            "sms_url": "aliyunsms://LTAI5tAccess:geheim02@%E5%B2%B3%E9%98%B3%E7%A7%91%E6%8A%80/SMS_154950909/{number}",
            **{f"{name}_api": place for name in ("wecom", "dingtalk", "feishu", "sms")},
            **given,
        }
    )


def send(
    channel: str, web: WebServer | None, address: str | None = None, timeout: float = 60, **given: Any
) -> Answer:
    there = settings(web, **given)
    with there.connections() as connections:
        return deliver(there.url(channel, address or ADDRESSES[channel]), NOTICE, timeout, connections)


def hook(web: WebServer, **given: Any) -> Answer:
    return send("webhook", web, f"{web.url}/in", **{"webhooks_private": True, **given})


@pytest.mark.parametrize("channel", FINE)
def test_what_the_service_took_is_sent(web: WebServer, channel: str) -> None:
    web.default = (200, FINE[channel])
    answer = send(channel, web)
    assert (answer.ok, answer.uncertain, answer.out_of_order) == (True, False, False)
    assert answer.detail == f"HTTP 200 {json.dumps(FINE[channel])}"
    (request,) = web.requests
    assert "推荐截止提醒" in (request[2].decode() or parse_qs(urlsplit(request[0]).query)["TemplateParam"][0])


@pytest.mark.parametrize("channel", REFUSED)
def test_a_refusal_under_status_200_is_a_failure_of_this_recipient(web: WebServer, channel: str) -> None:
    web.default = (200, REFUSED[channel])
    answer = send(channel, web)
    assert (answer.ok, answer.uncertain, answer.out_of_order) == (False, False, False)
    assert answer.detail == f"HTTP 200 {json.dumps(REFUSED[channel], ensure_ascii=False)}"


@pytest.mark.parametrize("channel", FINE)
@pytest.mark.parametrize(
    ("answer", "said", "uncertain", "out_of_order"),
    [
        ((500, "oops"), "HTTP 500 oops", False, True),
        ((200, "<html>login</html>"), "an answer without", False, False),
        ((200, "[]"), "an answer without", False, False),
        ("cut", "RemoteProtocolError", True, False),
        ("lost", "ReadError", True, False),
        ("drip", "ReadTimeout", True, False),
        ("flood", "longer than 64 KB: no receipt", False, False),
        ("away", "redirects are not followed", False, False),
    ],
)
def test_a_server_that_misbehaves_is_contained(
    web: WebServer, channel: str, answer: Any, said: str, uncertain: bool, out_of_order: bool
) -> None:
    web.answers = [answer]
    # Only of the server that never comes to an end the patience does.
    got = send(channel, web, timeout=1 if answer == "drip" else 60)
    assert (got.ok, got.uncertain, got.out_of_order) == (False, uncertain, out_of_order)
    assert said in got.detail
    assert len(got.detail) <= 1_000
    assert len(web.requests) == 1


@pytest.mark.parametrize("channel", ADDRESSES)
def test_nobody_listens(channel: str) -> None:
    answer = send(channel, None)
    assert (answer.ok, answer.uncertain, answer.out_of_order) == (False, False, True)
    assert "Connection refused" in answer.detail


@pytest.mark.parametrize("channel", ADDRESSES)
def test_no_secret_is_in_what_is_kept(web: WebServer, channel: str) -> None:
    path = re.compile(r"(?<![A-Za-z0-9])(693a91f6|SECabc|1a2b3c4d|hook-0123|signing0123|geheim0|LTAI5t)")
    for answer in ((404, "no such page: {}"), "lost"):
        web.answers = [
            (404, answer[1].format(json.dumps(ADDRESSES[channel]))) if answer[0] == 404 else answer
        ]
        detail = send(channel, web).detail
        assert not path.search(detail), detail
    assert not path.search(repr(settings(web)))


def test_500_then_fine(web: WebServer) -> None:
    web.answers = [(500, "")]
    assert [hook(web).ok, hook(web).ok] == [False, True]


def test_signatures_are_those_that_the_services_expect(web: WebServer) -> None:
    send("dingtalk", web)
    send("feishu", web)
    asked = parse_qs(urlsplit(web.requests[0][0]).query)
    signed = hmac.new(b"SECabcdef0123", f"{asked['timestamp'][0]}\nSECabcdef0123".encode(), hashlib.sha256)
    assert bytes(signed.digest()).hex() == base64.b64decode(asked["sign"][0]).hex()
    payload = json.loads(web.requests[1][2])
    assert payload["timestamp"] == "1722474000"
    key = f"{payload['timestamp']}\nsigning0123".encode()
    assert base64.b64decode(payload["sign"]) == hmac.new(key, b"", hashlib.sha256).digest()


def test_long_texts_are_cut_between_characters(web: WebServer) -> None:
    there = settings(web)
    long = Message("", "长", "", "", "<1@x>", "<2@x>", MESSAGE.at, text="备案" * 2_000)
    with there.connections() as connections:
        assert deliver(there.url("wecom_bot", ADDRESSES["wecom_bot"]), long, 2, connections).ok
    (request,) = web.requests
    content = json.loads(request[2])["text"]["content"]
    assert 2_040 < len(content.encode()) <= 2_048
    assert content.endswith(("备…", "案…"))


class TestWeComApplication:
    def test_a_token_is_fetched_once_and_again_when_it_is_stale(self, web: WebServer) -> None:
        there = settings(web)
        sent = (200, {"errcode": 0, "msgid": "m"})
        web.answers = [
            (200, {"errcode": 0, "access_token": "t1"}),
            sent,
            sent,
            (200, {"errcode": 42001, "errmsg": "access_token expired"}),
            (200, {"errcode": 0, "access_token": "t2"}),
            sent,
        ]
        with there.connections() as connections:
            url = there.url("wecom", "zhangsan")
            assert [deliver(url, NOTICE, 60, connections).ok for _ in range(3)] == [True] * 3
        assert [urlsplit(path).path.rpartition("/")[2] for path, _, _ in web.requests] == [
            "gettoken",
            "send",
            "send",
            "send",
            "gettoken",
            "send",
        ]
        assert json.loads(web.requests[1][2])["touser"] == "zhangsan"
        assert "access_token=t2" in web.requests[-1][0]

    def test_an_account_that_is_no_member_is_a_failure(self, web: WebServer) -> None:
        token = (200, {"errcode": 0, "access_token": "t"})
        web.answers = [token, (200, {"errcode": 0, "errmsg": "ok", "invaliduser": "zhangsan"})]
        answer = send("wecom", web)
        assert (answer.ok, answer.out_of_order) == (False, False)

    def test_without_a_token_nobody_is_reached(self, web: WebServer) -> None:
        web.answers = [(200, {"errcode": 40001, "errmsg": "invalid credential"})]
        answer = send("wecom", web)
        assert (answer.ok, answer.out_of_order) == (False, True)


class TestWebhook:
    def test_the_receiver_can_prove_who_wrote(self, web: WebServer) -> None:
        web.default = (204, "")
        assert hook(web).ok
        ((path, headers, body),) = web.requests
        key = settings(web).signing_key(f"{web.url}/in")
        assert path == "/in"
        assert headers["Beian-Signature"] == sign(key, 1722474000, body)
        assert json.loads(body) == {
            "id": "4f1c2a@beian",
            "at": "2024-08-01T01:00:00+00:00",
            "case": "YY-2024-0007",
            "cause": "rung recommendation 1 before_3d",
            "subject": NOTICE.subject,
            "text": NOTICE.text,
        }
        assert key != settings(web).signing_key(f"{web.url}/other")

    def test_a_private_address_is_refused_before_anything_is_sent(self, web: WebServer) -> None:
        for host in ("127.0.0.1", "localhost", "[::1]", "2130706433"):
            answer = send("webhook", web, f"http://{host}:{web.port}/in")
            assert (answer.ok, answer.out_of_order) == (False, False)
            assert "not public" in answer.detail or "cannot be used" in answer.detail, answer.detail
        assert (web.connections, web.requests) == (0, [])

    def test_a_name_that_resolves_to_a_private_address_is_refused(
        self, web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _host, port, **more: found("127.0.0.1", port, **more)
        )
        answer = send("webhook", web, f"http://hooks.example.com:{web.port}/in")
        assert answer.detail == "hooks.example.com is 127.0.0.1, an address that is not public"
        assert web.connections == 0

    def test_a_redirect_to_a_private_address_is_not_followed(self, web: WebServer) -> None:
        web.answers = ["away"]
        answer = hook(web)
        assert not answer.ok
        assert answer.detail.startswith("HTTP 302")
        assert len(web.requests) == 1

    def test_a_flood_is_not_read_and_is_no_receipt(self, web: WebServer) -> None:
        web.answers = ["flood"]
        answer = hook(web)
        assert (answer.ok, answer.uncertain, answer.out_of_order) == (False, True, False)
        assert answer.detail == f"HTTP 200 {'x' * 500} … (longer than 64 KB: no receipt)"

    def test_connections_are_kept(self, web: WebServer) -> None:
        there = settings(web, webhooks_private=True)
        with there.connections() as connections:
            url = there.url("webhook", f"{web.url}/in")
            assert all(deliver(url, NOTICE, 60, connections).ok for _ in range(5))
        assert web.connections == 1


class TestTencentSms:
    URL = "tencentsms://AKIDpublic:geheim03@%E5%B2%B3%E9%98%B3%E7%A7%91%E6%8A%80/1400006666/1110/{number}"

    def ask(self, web: WebServer, answer: Any, number: str = "13800000000") -> Answer:
        web.answers = [answer]
        return send("sms", web, number, sms_url=self.URL)

    def test_the_signature_is_that_of_the_published_example(self) -> None:
        """The worked example of the documentation of signature version 3."""
        body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
        signed = authorization(
            "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            "cvm",
            "cvm.tencentcloudapi.com",
            datetime.fromtimestamp(1551113065, UTC),
            body,
        )
        assert signed.rpartition("=")[2] == (
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        )

    def test_a_message_is_signed_over_what_arrives(self, web: WebServer) -> None:
        answer = self.ask(web, (200, {"Response": {"SendStatusSet": [{"Code": "Ok"}], "RequestId": "r"}}))
        assert (answer.ok, answer.uncertain, answer.out_of_order) == (True, False, False)
        ((path, headers, body),) = web.requests
        assert path == "/"
        assert json.loads(body) == {
            "PhoneNumberSet": ["+8613800000000"],
            "SmsSdkAppId": "1400006666",
            "SignName": "岳阳科技",
            "TemplateId": "1110",
            "TemplateParamSet": ["YY-2024-0007", NOTICE.subject],
        }
        assert (headers["X-TC-Action"], headers["X-TC-Version"]) == ("SendSms", "2021-01-11")
        assert headers["X-TC-Region"] == "ap-guangzhou"
        # As the server would: from the request alone, and the secret that both know.
        at = int(headers["X-TC-Timestamp"])
        day = datetime.fromtimestamp(at, UTC).date().isoformat()
        canonical = (
            f"POST\n/\n\ncontent-type:{headers['Content-Type']}\nhost:{headers['Host']}\n\n"
            f"content-type;host\n{hashlib.sha256(body).hexdigest()}"
        )
        text = (
            f"TC3-HMAC-SHA256\n{at}\n{day}/sms/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        )
        key = b"TC3geheim03"
        for part in (day, "sms", "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        assert headers["Authorization"] == (
            f"TC3-HMAC-SHA256 Credential=AKIDpublic/{day}/sms/tc3_request, SignedHeaders=content-type;host, "
            f"Signature={hmac.digest(key, text.encode(), 'sha256').hex()}"
        )

    @pytest.mark.parametrize(
        ("response", "out_of_order"),
        [
            ({"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}, False),
            ({"SendStatusSet": [{"Code": "FailedOperation.InsufficientBalanceInSmsPackage"}]}, True),
            ({"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "x"}}, True),
            ({"Error": {"Code": "InternalError"}}, True),
            ({"SendStatusSet": []}, False),
        ],
    )
    def test_a_refusal_under_status_200_is_read(
        self, web: WebServer, response: Any, out_of_order: bool
    ) -> None:
        answer = self.ask(web, (200, {"Response": response}))
        assert (answer.ok, answer.uncertain, answer.out_of_order) == (False, False, out_of_order)

    @pytest.mark.parametrize(
        ("answer", "said"), [("lost", "ReadError"), ((500, "oops"), "HTTP 500"), ((200, "[]"), "without")]
    )
    def test_a_server_that_misbehaves_is_contained(self, web: WebServer, answer: Any, said: str) -> None:
        got = self.ask(web, answer)
        assert not got.ok
        assert said in got.detail
        assert "geheim03" not in got.detail

    def test_a_number_from_abroad_keeps_its_country(self, web: WebServer) -> None:
        self.ask(web, (200, {"Response": {"SendStatusSet": [{"Code": "Ok"}]}}), "+85291234567")
        assert json.loads(web.requests[0][2])["PhoneNumberSet"] == ["+85291234567"]


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:a00:1::", "0.1.2.3",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert is_private(address)


def test_addresses_that_are_public() -> None:
    assert [
        a for a in ("1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1") if is_private(a)
    ] == []


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("wecom", "张三"), ("wecom", "@all zhang"), ("wecom_bot", "https://qyapi.weixin.qq.com/"),
        ("dingtalk", "a@b@c"), ("feishu", ""), ("sms", "none"), ("sms", "12"), ("webhook", "ftp://a.example/"),
        ("webhook", "http://"), ("webhook", "https://u:p@a.example/"), ("webhook", "https://a.example/#x"),
        ("webhook", "https://a.example:99999/"), ("webhook", "https://[::1"),
        ("webhook", "https://a b.example/"), ("webhook", f"https://{'a' * 2000}.example/"),
        ("pigeon", "loft"), ("email", "a@b.cn"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_named_and_not_repeated(channel: str, address: str) -> None:
    with pytest.raises(BadAddress) as refused:
        checked(channel, address)
    assert channel in str(refused.value)
    assert not address or address not in str(refused.value) or address == "none"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "localhost", "oa.localhost.", "10.1.2.3:8080", "[::1]", "[fd00::1]"],
)
def test_a_webhook_on_this_machine_or_a_private_network_is_not_registered(web: WebServer, host: str) -> None:
    address = f"http://{host}/in"
    with pytest.raises(BadAddress, match="unless BEIAN_WEBHOOKS_PRIVATE=true"):
        settings(web).registrable("webhook", address)
    assert settings(web, webhooks_private=True).registrable("webhook", address) == address


@pytest.mark.parametrize("host", ["oa.example.gov.cn", "1.1.1.1", "localhost.example", "[2606:4700::1111]"])
def test_a_webhook_elsewhere_is_registered(web: WebServer, host: str) -> None:
    assert settings(web).registrable("webhook", f"https://{host}/in") == f"https://{host}/in"


def test_any_service_of_apprise_can_carry_text_messages(web: WebServer) -> None:
    there = settings(web, sms_url=f"json://127.0.0.1:{web.port}/{{number}}", sms_api=None)
    with there.connections() as connections:
        assert deliver(there.url("sms", "13800000000"), NOTICE, 2, connections).ok
        web.answers = [(500, "")]
        assert not deliver(there.url("sms", "13800000000"), NOTICE, 2, connections).ok
    assert web.requests[0][0] == "/13800000000"
