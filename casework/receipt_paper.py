"""The receipt of a submission on paper: what was received from whom, when, and under which digest."""

from collections.abc import Sequence

from casework.paper import FACE, Paper

Rows = Sequence[tuple[str, str]]


def receipt(title: str, rows: Rows, documents: tuple[str, Rows], note: str) -> bytes:
    """Return a PDF with ``title``, names and values, the documents with their digests, and a note."""
    paper = Paper("portrait", title)
    paper.add_page()
    paper.set_font(FACE, size=18)
    paper.cell(0, 14, title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    _write(paper, rows, 11)
    if documents[1]:
        paper.ln(4)
        paper.set_font(FACE, size=12)
        paper.cell(0, 8, documents[0], new_x="LMARGIN", new_y="NEXT")
        _write(paper, documents[1], 9)
    paper.ln(4)
    paper.set_font(FACE, size=9)
    paper.multi_cell(0, 5, note, new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())


def _write(paper: Paper, rows: Rows, size: int) -> None:
    paper.set_font(FACE, size=size)
    with paper.table(
        col_widths=(30, 100), text_align="LEFT", first_row_as_headings=False, padding=1.5
    ) as table:
        for row in rows:
            table.row(list(row))
