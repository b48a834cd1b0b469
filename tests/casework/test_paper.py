"""How a letter's text is set: indented, and no mark at the start of a line or opening one at its end."""

from casework.paper import FACE, Paper

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
