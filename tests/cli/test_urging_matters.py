"""Urging what comes after filing from the terminal: the same words as for a case in every group."""

from tests.casework.city import City
from tests.cli.terminal import Terminal
from tests.cli.test_evaluation_targets import city, number_of, opened, terminal

__all__ = ["city", "terminal"]


def test_whoever_waits_urges_the_holder_of_an_evaluation_and_of_a_change(
    city: City, terminal: Terminal
) -> None:
    asked = ("plan", "--value", "目标调整", "--reason", "设备晚到", "--set", "consortium.target_patents=12")
    change = terminal.data("consortium", "change", number_of(city), *asked, "--as", "zhang0")["change"]
    for group in ("consortium", "support", "evaluation"):
        refused = terminal.run(group, "urge", change, "--as", "zhang0")
        assert "现由您一方办理" in refused.err
    ref = opened(city)
    told = terminal.ok("evaluation", "urge", ref, "--remark", "请按时自评", "--as", "wang")
    assert f"已催办{ref}（第1次）：通知申报单位1人。" in told
    again = terminal.run("evaluation", "urge", ref, "--as", "chen", "--language", "en")
    assert "cannot be urged again yet" in again.err
    [line] = terminal.data("evaluation", "show", ref)["urges"]
    assert {name: line[name] for name in ("number", "by", "stage", "remark", "people")} == {
        "number": 1,
        "by": "wang",
        "stage": "self_report",
        "remark": "请按时自评",
        "people": 1,
    }
