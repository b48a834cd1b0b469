"""The receipt of a submission on paper: what was received from whom, when, and under which digest."""

from collections.abc import Sequence

from fpdf.fonts import FontFace

from casework.paper import FACE, Paper

Rows = Sequence[tuple[str, str]]


def receipt(title: str, rows: Rows, documents: tuple[str, Rows], note: str) -> bytes:
    """Return a PDF with ``title``, names and values, a note on them, and the documents with their digests."""
    paper = Paper("portrait", title)
    paper.add_page()
    paper.set_margins(20, 26)
    paper.set_xy(20, 26)
    paper.set_font(FACE, size=18)
    paper.heading(title, 14)
    paper.ln(4)
    _write(paper, rows, 10)
    # It explains the digest, the last of the rows.
    paper.ln(1)
    paper.set_font(FACE, size=9)
    paper.set_text_color(90)
    paper.multi_cell(0, 5, note, new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(0)
    if documents[1]:
        paper.ln(6)
        paper.set_font(FACE, size=12)
        paper.cell(0, 8, documents[0], new_x="LMARGIN", new_y="NEXT")
        _write(paper, documents[1], 9)
    return bytes(paper.output())


def _write(paper: Paper, rows: Rows, size: int) -> None:
    paper.set_font(FACE, size=size)
    with paper.table(
        borders_layout="HORIZONTAL_LINES",
        col_widths=(36, 134),
        text_align="LEFT",
        first_row_as_headings=False,
        padding=1.5,
    ) as table:
        for name, value in rows:
            row = table.row()
            row.cell(name, style=FontFace(color=(90, 90, 90)))
            row.cell(value)
