"""What moving to another revision does to a case, in words."""

from typing import Any

from casework.terms import Terms, catalogue
from procedure import written
from procedure.revising import Block, ChangedDeadline, Revised


def lines(each: Revised, language: str) -> list[str]:
    """Return why a case cannot be moved, then what would change for it; nothing where nothing does."""

    def say(zh: str, en: str) -> str:
        return en if language == "en" else zh

    told = [blocked(block, language) for block in each.blocks]
    if each.to != each.stage:
        told.append(say(f"环节：{each.stage} → {each.to}", f"stage: {each.stage} → {each.to}"))
    told += [_deadline(changed, language) for changed in each.deadlines]
    answers = catalogue(language)["answers"]
    told += [
        say(f"条件 {rule}：", f"rule {rule}: ")
        + " → ".join(say("无", "none") if answer is None else str(answers[answer]) for answer in pair)
        for rule, pair in each.rules.items()
    ]
    if each.missing:
        told.append(
            say("新版本要求而未填：", "asked now and not filled in: ")
            + written.listed(each.missing, language)
        )
    return told


def blocked(block: Block, language: str) -> str:
    """Return why a case cannot be moved."""
    words = str(catalogue(language)["blocks"][block.code])
    facts: dict[str, Any] = {
        name: Terms(language).listed(value) if isinstance(value, (list, tuple)) else value
        for name, value in block.facts.items()
    }
    return words.format_map(facts)


def _deadline(changed: ChangedDeadline, language: str) -> str:
    title = changed.title.of(language)
    before, after = (
        "" if at is None else written.when(at, language) for at in (changed.before, changed.after)
    )

    def say(zh: str, en: str) -> str:
        return en if language == "en" else zh

    match changed.what:
        case "begins":
            return say(f"时限“{title}”起算，至{after}", f"{title} begins, until {after}")
        case "ends":
            return say(f"时限“{title}”终止", f"{title} ends")
        case _:
            return say(
                f"时限“{title}”：{before} → {after or '停止计时中'}",
                f"{title}: {before} → {after or 'suspended'}",
            )
