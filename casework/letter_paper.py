"""A recommending unit's letter on paper, to be stamped by it, and by the finance bureau where it joins."""

from collections.abc import Sequence

from fpdf.fonts import FontFace

from casework.paper import FACE, Paper


def letter(
    title: str,
    number: str,
    to: str,
    paragraphs: Sequence[str],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    seals: Sequence[str],
    dated: str,
) -> bytes:
    """Return a PDF: its number, whom it is ``to``, what it says, the list, and a place for each seal."""
    paper = Paper("portrait", title)
    paper.set_margins(26, 26)
    paper.add_page()
    paper.set_font(FACE, size=18)
    paper.heading(title, 10)
    paper.set_font(FACE, size=12)
    if number:
        paper.cell(0, 9, number, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(6)
    paper.multi_cell(0, 8, to, new_x="LMARGIN", new_y="NEXT")
    for each in paragraphs:
        paper.paragraph(each, 8)
    paper.ln(4)
    paper.set_font(FACE, size=10)
    with paper.table(
        col_widths=(12, 26, 52, 41),
        text_align="LEFT",
        headings_style=FontFace(emphasis="", fill_color=(240, 240, 240)),
        padding=1.5,
    ) as table:
        for row in (heads, *rows):
            table.row(list(row))
    paper.set_font(FACE, size=12)
    # The seals and the date are never torn apart.
    if paper.will_page_break(60):
        paper.add_page()
    paper.ln(16)
    width = paper.epw / len(seals)
    for each in seals:
        paper.cell(width, 9, each, align="C")
    paper.ln(22)
    paper.cell(0, 9, dated, align="R", new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())
