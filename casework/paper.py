"""Lists and certificates on paper (PDF, A4), with a Chinese font in the file so that all read the same."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import pylopdf_fonts_zh_cn as fonts
import segno
from fpdf import FPDF
from fpdf.fonts import FontFace
from fpdf.util import Padding
from typing_extensions import override

FACE: Final = "Noto Sans SC"
SMALL: Final = 8
_UNBROKEN: Final = re.compile(r"[（〔《“]*(?:[!-~]+|.)[，。；：、！？）〕》”]*", re.DOTALL)
"""What stays on one line: a word, or a character with the marks that must not begin a line or end one."""


class Paper(FPDF):
    """A document whose pages bear their number and how many there are."""

    def __init__(self, orientation: Literal["portrait", "landscape"], title: str) -> None:
        super().__init__(orientation=orientation, format="A4")
        self.add_font(FACE, "", fonts.sans_path())
        self.set_font(FACE, size=SMALL)
        self.set_title(title)
        self.set_lang("zh-CN")
        self.set_auto_page_break(auto=True, margin=16)
        self.set_draw_color(150)
        self.set_line_width(0.15)

    def heading(self, text: str, height: float) -> None:
        """Write a title in the middle; one that is too long for a line is shared out evenly over several."""
        room = self.epw
        needed = math.ceil(self.get_string_width(text) / room)
        share = min(room, self.get_string_width(text) / needed + self.font_size * 2)
        for line in self.lines(text, room if needed == 1 else share, 0):
            self.cell(0, height, line, align="C", new_x="LMARGIN", new_y="NEXT")

    def paragraph(self, text: str, height: float) -> None:
        """Write a paragraph as Chinese letters have it, its first line two characters in."""
        indent = self.font_size * 2
        for n, line in enumerate(self.lines(text, self.epw, indent)):
            self.set_x(self.l_margin + (0 if n else indent))
            self.cell(0, height, line, new_x="LMARGIN", new_y="NEXT")

    def lines(self, text: str, width: float, indent: float) -> Iterator[str]:
        """Yield the lines of a text, the first of them shorter by ``indent``."""
        line, room = "", width - indent - 2 * self.c_margin
        for part in _UNBROKEN.findall(text):
            if line and self.get_string_width((line + part).rstrip()) > room:
                yield line.rstrip()
                line, room = "", width - 2 * self.c_margin
            line = (line + part).lstrip()
        yield line.rstrip()

    @override
    def multi_cell(self, w: float, h: float | None = None, text: str = "", *rest: Any, **how: Any) -> Any:
        """Write a text, or a cell of a table, over as many lines as it needs, broken as Chinese is."""
        padding = Padding.new(how.get("padding", 0))
        # The margin of a cell is left out where it has padding.
        taken = padding.left + padding.right or 2 * self.c_margin
        room = (w or self.w - self.r_margin - self.x) - taken + 2 * self.c_margin
        lines = (line for part in text.split("\n") for line in self.lines(part, room, 0))
        return super().multi_cell(w, h, "\n".join(lines), *rest, **how)

    @override
    def footer(self) -> None:
        """Write the number of the page."""
        self.set_y(-12)
        self.set_font(FACE, size=SMALL)
        self.cell(0, 5, f"第 {self.page_no()} 页，共 {{nb}} 页", align="C")


def write_list(
    path: Path,
    title: str,
    until: str,
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[str]],
    notes: Sequence[str] = (),
) -> None:
    """Write a list across A4: ``until`` under its title, its heads on every page, ``notes`` after it.

    ``widths`` tell how wide the columns are, to each other.
    """
    paper = Paper("landscape", title)
    paper.add_page()
    paper.set_font(FACE, size=16)
    paper.cell(0, 10, title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FACE, size=SMALL)
    paper.cell(0, 6, until, align="R", new_x="LMARGIN", new_y="NEXT")
    plain = FontFace(emphasis="", fill_color=(235, 235, 235))
    with paper.table(col_widths=tuple(widths), text_align="LEFT", headings_style=plain, padding=1) as table:
        for row in (heads, *rows):
            table.row(list(row))
    for note in notes:
        paper.ln(2)
        paper.multi_cell(0, 5, note, new_x="LMARGIN", new_y="NEXT")
    paper.output(str(path))


def write_certificate(path: Path, heading: str, lines: Iterable[tuple[str, str]], address: str) -> None:
    """Write a certificate: its particulars, and a QR code of the ``address`` at which it is verified."""
    paper = Paper("portrait", heading)
    paper.add_page()
    paper.set_y(50)
    paper.set_font(FACE, size=26)
    paper.multi_cell(0, 14, heading, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(12)
    paper.set_font(FACE, size=13)
    for title, value in lines:
        paper.set_x(30)
        paper.cell(42, 11, title)
        paper.multi_cell(110, 11, value, new_x="LMARGIN", new_y="NEXT")
    picture = BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=8, border=4)
    paper.image(picture, x=82, y=205, w=46)
    paper.set_y(252)
    paper.set_font(FACE, size=SMALL)
    paper.multi_cell(0, 5, f"扫码或访问 {address} 核验", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.output(str(path))
