"""The letter by which a recommending unit forwards its cases, on paper in one language."""

from casework.letter_paper import letter as on_paper
from casework.recommending import Recommending
from procedure import written
from procedure.instant import day_of
from web.page import Page


def letter(page: Page, found: Recommending, number: str, finance: str) -> bytes:
    """Return a PDF of the letter for the cases of ``found``, dated today in Shanghai, to be stamped.

    ``number`` is its document number, ``finance`` the bureau that joins it where the procedure asks for one.
    """
    english = page.language == "en"
    card, listed = found.card, found.recommended
    unit = found.unit.name_en if english else found.unit.name_zh
    title = card.title_en if english else card.title_zh
    place = finance.strip() or page.say("letter.finance")
    facts = {"call": title, "unit": unit, "n": len(listed), "finance": place}
    return on_paper(
        page.say("letter.title", call=title),
        number.strip(),
        page.say("letter.to", bureau=card.bureau_en if english else card.bureau_zh),
        [
            page.say("letter.says_jointly" if found.unit.joint else "letter.says", **facts),
            page.say("letter.answers"),
        ],
        [
            page.say(each)
            for each in ("public.position", "public.number", "public.lead_unit", "public.direction")
        ],
        [
            (str(n), ref, each.lead_name, str(each.application.form.get("consortium.direction", "")))
            for n, (ref, each) in enumerate(listed.items(), 1)
        ],
        [page.say("letter.seal", unit=each) for each in ((unit, place) if found.unit.joint else (unit,))],
        written.day(day_of(found.call.now), page.language),
    )
