"""How text is set on paper: indented, and no mark at the start of a line or opening one at its end."""

from pathlib import Path

from pypdf import PdfReader

from casework.paper import FACE, Paper, write_certificate, write_list

SENTENCE = "按照申报通知的要求，平江县科技主管部门会同（同级财政部门）对 2024 年申报单位的材料进行了初审。"


def test_lines_fill_the_page_and_begin_with_no_mark() -> None:
    paper = Paper("portrait", "函")
    paper.add_page()
    paper.set_font(FACE, size=12)
    for width in range(30, 150, 3):
        lines = list(paper.lines(SENTENCE * 3, width, 8))
        assert "".join(lines).replace(" ", "") == (SENTENCE * 3).replace(" ", "")
        assert [line for line in lines if line[0] in "，。）" or line[-1] == "（"] == []
        widths = [paper.get_string_width(line) for line in lines]
        assert max(widths[1:]) <= width
        assert widths[0] <= width - 8


def test_no_list_and_no_certificate_begins_a_line_with_a_mark(tmp_path: Path) -> None:
    names = [f"{'深' * n}海装备（示例）有限公司；（{n}）。" * 2 for n in range(1, 30)]
    write_list(
        tmp_path / "list.pdf", "名册", "截至今日", ("名称", "单位"), (1, 2), [(n, n) for n in names], names
    )
    write_certificate(
        tmp_path / "c.pdf", "备案证明", [("名称", name) for name in names[:8]], "https://x/verify"
    )
    for file in ("list.pdf", "c.pdf"):
        said = "\n".join(page.extract_text().replace("\x00", "") for page in PdfReader(tmp_path / file).pages)
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        assert len(lines) >= 20
        assert [line for line in lines if line[0] in "，。；）" or line[-1] == "（"] == []
