from html.parser import HTMLParser

import pytest

from notifications.rendering import TextError, check, render
from procedure.pack import NOTICE_VARIABLES, shipped, shipped_codes

TEXTS = {
    "returned": {
        "zh": {
            "subject": "{{ title }}被退回补正",
            "body": "{{ name }}:\n\n请于{{ due|when }}前补正,自{{ from|day }}起。\n经费{{ amount|yuan }}。\n"
            "{% for item in items %}{{ loop.index }}. {{ item }}\n{% endfor %}",
        },
        "en": {
            "subject": "{{ title }} returned",
            "body": "Dear {{ name }},\n\nplease correct by {{ due|when }}, counted from {{ from|day }}.\n"
            "Budget {{ amount|yuan }}.\n"
            "{% for item in items %}{{ loop.index }}. {{ item }}\n{% endfor %}",
        },
    }
}
CONTEXT = {
    "title": "岳阳市石化新材料创新联合体",
    "name": "李娜",
    "due": "2024-08-04T10:00:00+00:00",
    "from": "2024-07-29",
    "amount": 1_000_000_050,
    "items": ["协议缺章", "<b>附件三</b> & 预算"],
}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_chinese() -> None:
    letter = render(TEXTS, "returned", "zh", CONTEXT, "YY-2024-0007")
    assert letter.subject == "岳阳市石化新材料创新联合体被退回补正"
    assert letter.plain == (
        "李娜:\n\n请于2024年8月4日 18:00前补正,自2024年7月29日起。\n经费10,000,000.50元。\n"
        "1. 协议缺章\n2. <b>附件三</b> & 预算\n\n-- \n"
        "案件编号：YY-2024-0007\n本邮件由科技局备案系统自动发送，请勿直接回复。\n"
    )


def test_english() -> None:
    letter = render(TEXTS, "returned", "en", CONTEXT, None)
    assert "please correct by 4 August 2024, 18:00, counted from 29 July 2024." in letter.plain
    assert "Budget CNY 10,000,000.50." in letter.plain
    assert letter.plain.endswith(
        "-- \nThis mail was sent by the bureau's filing system. Please do not reply to it.\n"
    )


def test_html_says_the_same_and_lets_no_markup_through() -> None:
    letter = render(TEXTS, "returned", "zh", CONTEXT, "YY-2024-0007")
    page = read(letter.html)
    assert "b" not in page.tags
    assert "<b>附件三</b> & 预算" in page.text
    assert "案件编号：YY-2024-0007" in page.text
    assert "科技局备案系统" in page.text
    assert page.tags.count("p") == 3
    assert '<html lang="zh">' in letter.html


def test_a_subject_is_one_line_whatever_the_context_holds() -> None:
    letter = render(TEXTS, "returned", "zh", CONTEXT | {"title": "甲\r\nBcc: all@example.cn"}, None)
    assert letter.subject == "甲 Bcc: all@example.cn被退回补正"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"amount": 12.5}, "12.5 is not a whole number of fen"),
        ({"amount": True}, "True is not a whole number of fen"),
        ({"due": "2024-08-04T10:00:00"}, "has no offset from UTC"),
        ({"due": "soon"}, "Invalid isoformat string: 'soon'"),
        ({"from": None}, "NoneType"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(TextError, match=complaint) as refused:
        render(TEXTS, "returned", "zh", CONTEXT | change, None)
    assert str(refused.value).startswith("text 'returned' (zh), body: ")


def test_a_missing_value_and_a_missing_text_are_named() -> None:
    with pytest.raises(TextError, match=r"text 'returned' \(zh\), subject: 'title' is undefined"):
        render(TEXTS, "returned", "zh", {}, None)
    with pytest.raises(TextError, match=r"text 'gone' \(en\), subject: the pack has no 'gone'"):
        render(TEXTS, "gone", "en", {}, None)


def text(body: str) -> dict[str, dict[str, dict[str, str]]]:
    both = {"subject": "x", "body": body}
    return {"t": {"zh": both, "en": {"subject": "x", "body": "x"}}}


def test_a_sandbox_around_the_text() -> None:
    with pytest.raises(TextError, match="unsafe"):
        render(text("{{ x.__class__.__mro__ }}"), "t", "zh", {"x": 1}, None)


@pytest.mark.parametrize(
    ("body", "place", "problem"),
    [
        ("甲 {{ name }}\n  {{ nane }}", "line 2, column 6", "unknown variable 'nane'"),
        ("{% if name %}{{ range(3) }}{% endif %}", "line 1, column 17", "unknown variable 'range'"),
        ("{% if name %}\n{{ name|whem }}{% endif %}", "line 2, column 9", "unknown filter 'whem'"),
        ("{{ name|whem }}", "line 1, column 9", "unknown filter 'whem'"),
        ("{% if name is weird %}{% endif %}", "line 1, column 15", "unknown test 'weird'"),
        ("x\n\n{{ name ", "line 3", "unexpected end of template, expected 'end of print statement'."),
        ("{{ name.given }}", "line 1, column 9", "the context is flat: nothing has a part 'given'"),
        ("{% include 'other' %}", "line 1", "a text stands alone: it cannot load another"),
    ],
)
def test_flaws_are_found_before_sending(body: str, place: str, problem: str) -> None:
    assert [str(flaw) for flaw in check(text(body), {"name"})] == [f"text 't' (zh), body, {place}: {problem}"]


def test_a_sound_pack_has_no_flaw() -> None:
    assert check(TEXTS, CONTEXT.keys()) == []


def test_each_use_of_an_unknown_variable_and_each_missing_part_is_listed() -> None:
    texts = {"t": {"zh": {"subject": "{{ a }}", "body": "{{ a }}\n{{ b }}\n{{ a }}"}}}
    assert [str(flaw) for flaw in check(texts, {"b"})] == [
        "text 't' (zh), subject, line 1, column 4: unknown variable 'a'",
        "text 't' (zh), body, line 1, column 4: unknown variable 'a'",
        "text 't' (zh), body, line 3, column 4: unknown variable 'a'",
        "text 't' (en), subject, line 1: is missing",
        "text 't' (en), body, line 1: is missing",
    ]


@pytest.mark.parametrize("code", shipped_codes())
def test_the_shipped_packs_have_no_flaw(code: str) -> None:
    assert check(shipped(code).procedure.texts, NOTICE_VARIABLES) == []
