"""What is wrong with what was given is told in Chinese and in English."""

import ast
import json
import pickle
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticKnownError

from casework.audit import BadAnchor, read_anchor
from casework.delegation import HandOver
from casework.urging import Wanted
from cli.party_file import Roll
from notifications.secret import NoKey, Seal, WrongKey
from notifications.settings import BadAddress, checked
from procedure import located, shape
from procedure.acts import ACTS
from procedure.definition import Procedure
from procedure.fault import Fault, as_fault, catalogue, fault_of, unknown
from procedure.pack import PackError, load_texts
from procedure.working_days import ArrangementError, read_arrangements
from story.scenario import Scenario
from tests.cli.terminal import PARTIES
from tests.procedure.small_pack import FILES
from tests.scenarios.test_malformed import STORY

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for name in ("procedure", "notifications", "casework", "story", "cli")
    for path in (ROOT / name).rglob("*.py")
]
PYDANTIC = "pydantic_"
EXAMPLES = {
    "class_name": "Arrangement",
    "error": "bad",
    "field_type": "Tuple",
    "max_length": 20,
    "pattern": "x",
}
"""Facts of Pydantic's that are not the number 1."""


def facts_of(template: str) -> set[str]:
    return set(re.findall(r"(?<!{){(\w+)", template))


def calls(*names: str) -> Iterator[ast.Call]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node


def constants() -> set[str]:
    """Return every text that stands by itself in a source."""
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def codes(fault: object) -> Iterator[str]:
    if isinstance(fault, Fault):
        yield fault.code
        for fact in fault.facts.values():
            for each in fact if isinstance(fact, (list, tuple)) else (fact,):
                yield from codes(each)


def test_both_languages_have_the_same_faults_with_the_same_facts():
    zh, en = catalogue("zh"), catalogue("en")
    assert {section: list(words) for section, words in zh.items()} == {
        section: list(words) for section, words in en.items()
    }
    for code, words in en["faults"].items():
        told, known = facts_of(zh["faults"][code]), facts_of(words)
        # What Pydantic adds in English to a fault is left out in Chinese.
        assert told <= known if code.startswith(PYDANTIC) else told == known, code


def test_every_fault_there_is_has_words_and_gives_exactly_their_facts():
    words = catalogue("en")["faults"]
    named = {
        (node.args[0].value, frozenset(str(each.arg) for each in node.keywords))
        for node in calls("Fault")
        if isinstance(node.args[0], ast.Constant)
    }
    assert [(code, facts) for code, facts in named if facts_of(words[code]) != facts] == []


def test_no_words_stand_there_unsaid():
    said = constants()
    assert [
        code for code in catalogue("en")["faults"] if code not in said and not code.startswith(PYDANTIC)
    ] == []
    assert [noun for noun in catalogue("en")["nouns"] if noun not in said] == []


def test_every_noun_that_is_unknown_has_words():
    helpers = [node.args[0] for node in calls("unknown", "nothing_called")]
    nouns = {node.value for node in helpers if isinstance(node, ast.Constant)}
    assert nouns - set(catalogue("en")["nouns"]) == set()


@pytest.mark.parametrize("code", [each for each in catalogue("en")["faults"] if each.startswith(PYDANTIC)])
def test_pydantics_words_are_its_own(code: str):
    if code == "pydantic_invisible_character":
        pytest.skip("our own, by Pydantic's way of telling it")
    kind = code.removeprefix(PYDANTIC)
    given: dict[str, Any] = {
        name: EXAMPLES.get(name, 1) for name in facts_of(catalogue("en")["faults"][code])
    }
    assert Fault(code, **given) == PydanticKnownError(kind, given or None).message()  # type: ignore[arg-type]


JUNK = (
    *(None, True, 0, -(10**9), 10**12, 7.5, "", "/", "soon", "2024-13-45", "2024-08-04T18:00", "a\0b"),
    *("x" * 40_000, [], [None], [{}], ["x"] * 2000, ["a\0b"], {}, {"a": None}, {"a": {}}),
)


@pytest.mark.parametrize(
    "model", sorted({each.payload for each in ACTS.values()} | {HandOver, Wanted}, key=str)
)
def test_whatever_an_acts_particulars_are_what_is_wrong_is_told_in_chinese(model: type[BaseModel]):
    for name in model.model_fields:
        for value in JUNK:
            given = {name: value}
            try:
                model.model_validate(given)
            except ValidationError as error:
                found = [fault for _, fault in shape.complaints(error, given, model)]
                assert [str(fault) for fault in found if "as_it_is" in codes(fault)] == []


def replaced(data: Any, value: object) -> Iterator[Any]:
    """Yield the data with everything in it, from the outside in, replaced by a value."""
    yield value
    if isinstance(data, (dict, list)):
        for key, part in data.items() if isinstance(data, dict) else enumerate(data):
            for other in replaced(part, value):
                copy = data.copy()
                copy[key] = other
                yield copy


@pytest.mark.parametrize("value", JUNK, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(
    ("model", "text"), [(Procedure, FILES["procedure.yaml"]), (Roll, PARTIES), (Scenario, STORY)]
)
def test_whatever_stands_in_a_file_what_is_wrong_is_told_in_chinese(
    model: type[BaseModel], text: str, value: object
):
    for data in replaced(located.read(text).data, value):
        try:
            model.model_validate_json(json.dumps(data))
        except ValidationError as error:
            found = [fault for _, fault in shape.complaints(error, data, model)]
            assert [str(fault) for fault in found if "as_it_is" in codes(fault)] == []


@pytest.mark.parametrize(
    ("channel", "address", "told"),
    [
        ("wecom", "张三", "不是 wecom 的地址：应为企业成员的账号，如 zhangsan"),
        ("dingtalk", "?", "不是 dingtalk 的地址：应为TOKEN，加签的机器人为 SECRET@TOKEN"),
        ("sms", "x", "不是 sms 的地址：应为由数字组成的电话号码"),
        ("webhook", "ftp://x", "不是 webhook 的地址：应为https://HOST/PATH，不含密码和 #"),
        ("sms", "1" * 5_000, "不是 sms 的地址：共5,000个字符，最多2,000个"),
        ("pigeon", "x", "没有可登记地址的渠道“pigeon”"),
    ],
)
def test_an_address_that_is_none_is_told_in_chinese(channel: str, address: str, told: str):
    with pytest.raises(BadAddress) as refused:
        checked(channel, address)
    assert fault_of(refused.value).of("zh") == told


def test_a_key_that_does_not_open_is_told_in_chinese():
    sealed = Seal(["一" * 32]).seal("x")
    with pytest.raises(WrongKey) as refused:
        Seal(["二" * 32]).open(sealed)
    assert fault_of(refused.value).of("zh") == "密封所用的是另一个 BEIAN_SECRET_KEY"
    with pytest.raises(NoKey) as none:
        Seal([])
    assert fault_of(none.value).of("zh") == "没有设置 BEIAN_SECRET_KEY"


def test_an_anchor_that_is_none_is_told_in_chinese(tmp_path: Path):
    anchor = tmp_path / "anchor.json"
    anchor.write_text("{}")
    with pytest.raises(BadAnchor) as refused:
        read_anchor(anchor)
    assert fault_of(refused.value).of("zh") == f"{anchor} 不是锚定文件：缺少 at"


def test_a_fault_is_its_english_text_and_can_be_copied():
    fault = unknown("act", "endrose", ["submit", "endorse"])
    assert fault == "unknown act `endrose`, expected one of endorse, submit"
    assert fault.of("zh") == "没有办理事项`endrose`，应为以下之一：endorse、submit"
    for copy in (pickle.loads(pickle.dumps(fault)), deepcopy(fault)):  # noqa: S301 - it is our own
        assert (copy, copy.of("zh")) == (fault, fault.of("zh"))


def test_other_words_stand_as_they_are():
    assert fault_of(OSError("gone")).of("zh") == "gone"
    assert as_fault("gone").of("zh") == as_fault("gone").of("en") == "gone"
    assert (
        fault_of(ValueError(unknown("act", "x", []))).of("zh")
        == "没有办理事项`x`，应为以下之一：（一个也没有）"
    )


MALFORMED = [
    ("intake: batch", "intake: batches", "procedure.yaml:7: intake：应为batch、rolling之一，而不是`batches`"),
    ("code: small-2024\n", "", "procedure.yaml:1: code：缺少"),
    (
        "value: 5",
        "value: [5]",
        "procedure.yaml:11: settings.days.value：应为整数或true或false或文本，而不是列表",
    ),
    ("format: 1", "format: 1\nformat: 1", "procedure.yaml:2: format：键`format`出现两次，首次在第1行"),
    (
        "intake: batch",
        "intake: [batch",
        "procedure.yaml:8：不是 YAML：expected ',' or ']', but got ':'",
    ),
    (
        "{years: 3, basis: setting}",
        "{years: 3}",
        "procedure.yaml:34: validity：`clause`和`basis: setting`应写且只写一个",
    ),
    (
        "met: member.in_chain",
        "met: member.chained",
        (
            "procedure.yaml:30: rules.1.met：没有事实`member.chained`，"
            "应为`member.`加以下之一：core_layer、in_chain、kind"
        ),
    ),
    (
        "needed_for: submit",
        "needed_for: sumbit",
        (
            "procedure.yaml:23: materials.0.needed_for：没有办件事项`sumbit`，"
            "应为以下之一：record_visit、submit"
        ),
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), MALFORMED)
def test_a_malformed_pack_is_told_in_chinese(old: str, new: str, told: str):
    text = FILES["procedure.yaml"]
    assert text.count(old) == 1
    with pytest.raises(PackError) as raised:
        load_texts({**FILES, "procedure.yaml": text.replace(old, new)})
    assert raised.value.of("zh").splitlines() == [told]
    assert raised.value.of("en") == str(raised.value)


def test_a_malformed_calendar_is_told_in_chinese(tmp_path: Path):
    path = tmp_path / "2026.yaml"
    text = (ROOT / "procedure" / "calendar" / "2026.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("issued: 2025-11-04", "issued: soon"), encoding="utf-8")
    with pytest.raises(ArrangementError) as raised:
        read_arrangements(path)
    assert fault_of(raised.value).of("zh") == "2026.yaml：0.issued = soon：应为日期，如2024-08-13"
    path.write_text("[{year: 2026, colour: red}]", encoding="utf-8")
    with pytest.raises(ArrangementError) as raised:
        read_arrangements(path)
    assert fault_of(raised.value).of("zh") == (
        "2026.yaml：0.document：缺少；0.issued：缺少；0.holidays：缺少；0.colour = red：没有这个键"
    )
