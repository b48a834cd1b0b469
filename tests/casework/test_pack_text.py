"""A pack as a text to be read: its settings in words."""

import pytest

from casework import pack_text
from procedure.pack import shipped


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        (
            "panel_field",
            "专家领域对应的申报表字段 [panel_field]：技术领域 · 设定",
            "Form field that the experts' fields answer to [panel_field]: Technical field · a setting",
        ),
        (
            "publicity_restart",
            "公示内容变更后重新公示的范围 [publicity_restart]：仅有变更的 · 设定",
            (
                "Whose publicity begins anew when the list changes [publicity_restart]:"
                " only the changed ones · a setting"
            ),
        ),
        (
            "missing_report_counts_as",
            "始终未报自评报告的，计为 [missing_report_counts_as]：不合格 · 设定",
            "A self-report that never came counts as [missing_report_counts_as]: failed · a setting",
        ),
    ],
)
def test_a_setting_is_told_in_words(name: str, zh: str, en: str) -> None:
    for language, expected in (("zh", zh), ("en", en)):
        told = pack_text.lines(shipped("qingdao-2025").procedure, language)
        assert [each.strip() for each in told if f"[{name}]" in each] == [expected]
