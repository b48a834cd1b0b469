"""How people write instants, days, amounts, terms and grounds, in Chinese ("zh") and in English ("en")."""

import datetime
from collections.abc import Iterable
from typing import Final

import pendulum

from procedure.definition import Clause, Grounded, Holder, Procedure, Recipient, Rung, Words
from procedure.instant import day_of, end_of, instant

HOLDERS: Final[dict[Holder, Words]] = {
    "applicant": Words(zh="申报单位", en="the applicant"),
    "district": Words(zh="推荐单位", en="the recommending unit"),
    "bureau": Words(zh="市科技局", en="the city bureau"),
    "panel": Words(zh="专家组", en="the expert panel"),
    "public": Words(zh="社会公众", en="the public"),
}
"""Who holds a clock."""

RECIPIENTS: Final[dict[Recipient, Words]] = {
    "holder": Words(zh="承办人", en="the holder"),
    "supervisor": Words(zh="承办人的上级", en="the holder's supervisor"),
    "substitute": Words(zh="承办人的代理人", en="the holder's substitute"),
    "duty_officer": Words(zh="市科技局值班员", en="the bureau's duty officer"),
    "leader": Words(zh="市科技局领导", en="the bureau's leader"),
    "lead_unit": Words(zh="牵头单位", en="the lead unit"),
    "districts": Words(zh="各推荐单位", en="every recommending unit"),
    "districts_owing": Words(
        zh="尚未送达推荐函或纸质材料的推荐单位",
        en="the recommending units whose letters or papers have not come",
    ),
}
"""Whom a rung of a ladder tells."""

_ALSO: Final = {
    "raise_priority": Words(zh="提高优先级", en="raises its priority"),
    "open_incident": Words(zh="登记事件", en="opens an incident"),
}
_REASSIGNS: Final = Words(zh="转由{to}办理", en="hands the case to {to}")

MODALITIES: Final = {
    "must": Words(zh="应当", en="must"),
    "in_principle": Words(zh="原则上", en="in principle"),
    "may": Words(zh="可以", en="may"),
    "at_most": Words(zh="最高", en="at most"),
    "states": Words(zh="载明", en="stated"),
}
"""The force a clause has."""

SETTING: Final = Words(zh="设定，原文件未规定", en="a setting, the sources are silent")
"""What stands in the place of a clause where there is none."""

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def when(moment: datetime.datetime, language: str) -> str:
    """Return an instant in Shanghai time: 2024年8月4日 18:00, or 4 August 2024, 18:00.

    Seconds are written where there are any, fractions only just after a full minute, where they tell late
    from in time. The last instant of a day reads 24:00 in Chinese and "end of day" in English.
    """
    local = instant(moment)
    date = day(local, language)
    if local == end_of(day_of(local)):
        return f"{date}, end of day" if language == "en" else f"{date} 24:00"
    time = f"{local.hour:02d}:{local.minute:02d}"
    if local.second or local.microsecond:
        time += f":{local.second:02d}"
    if local.microsecond and not local.second:
        time += f".{local.microsecond:06d}".removesuffix("000")
    return f"{date}, {time}" if language == "en" else f"{date} {time}"


def rung(step: Rung, language: str) -> str:
    """Return when a rung comes: 到期前3个工作日, or 3 working days before."""
    offset = step.before or step.after
    if offset is None:
        return "on the last working day" if language == "en" else "到期前最后一个工作日"
    if offset.working_days is not None:
        length = count(offset.working_days, Words(zh="工作日", en="working day"), language)
    else:
        length = count(offset.hours or 0, Words(zh="小时", en="hour"), language)
    before = step.before is not None
    if language == "en":
        return f"{length} {'before' if before else 'after'}"
    return f"{'到期前' if before else '到期后'}{length}"


def handed_on(procedure: Procedure, deadline: str, rung_id: str, language: str) -> str:
    """Return why a rung handed a case on: “形式审查”到期后1个工作日仍未办结.

    Empty where the procedure has no such rung any more.
    """
    rule = procedure.application.deadline.get(deadline)
    if rule is None:
        return ""
    own = rule.ladder or procedure.ladder
    step = next((each for each in own.rungs if each.id == rung_id), None) if own is not None else None
    if step is None:
        return ""
    when, title = rung(step, language), rule.title.of(language)
    return f"“{title}”{when}仍未办结" if language != "en" else f'"{title}" still undone {when}'


def told_by(step: Rung, language: str) -> str:
    """Return whom a rung tells and what else it does: 市科技局值班员；提高优先级."""
    told = listed((RECIPIENTS[each].of(language) for each in step.recipients), language)
    extra = [_ALSO[each].of(language) for each in step.also]
    if step.reassign_to is not None:
        extra.append(_REASSIGNS.of(language).format(to=RECIPIENTS[step.reassign_to].of(language)))
    if step.urgent:
        extra.append("at any hour" if language == "en" else "不限时段")
    return ("; " if language == "en" else "；").join([told, *extra])


def day(moment: datetime.date, language: str) -> str:
    """Return a day, or the day of Shanghai on which an instant lies: 2024年8月4日, or 4 August 2024."""
    if isinstance(moment, datetime.datetime):
        moment = day_of(moment)
    if language == "en":
        return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return f"{moment.year}年{moment.month}月{moment.day}日"


def weekday(date: datetime.date, language: str) -> str:
    """Return the name of the day of the week: 星期日, or Sunday."""
    at = date.weekday()
    return _WEEKDAYS_EN[at] if language == "en" else f"星期{_WEEKDAYS_ZH[at]}"


def money(fen: int) -> str:
    """Return an amount of fen in yuan: ¥10,000,000.00."""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def points(hundredths: int) -> str:
    """Return a score in points with two decimals: 86.50."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def length(microseconds: int, language: str) -> str:
    """Return a length of time to the minute, such as 3天 2小时 5分钟, or 3 days 2 hours 5 minutes."""
    minutes = microseconds // 60_000_000
    if not minutes:
        return "less than a minute" if language == "en" else "不足1分钟"
    return str(pendulum.duration(minutes=minutes).in_words(locale="en" if language == "en" else "zh"))


def count(number: int, one: Words, language: str) -> str:
    """Return a number with the thing counted; in English an s is added unless it is one."""
    if language == "en":
        return f"{number} {one.en}" + ("" if number == 1 else "s")
    return f"{number}个{one.zh}"


def listed(things: Iterable[str], language: str) -> str:
    """Return things as a list within a sentence."""
    return (", " if language == "en" else "、").join(things)


def clause(procedure: Procedure, of: Clause, language: str) -> str:
    """Return a clause with its document and force: 《……通知》6.2（应当）, or Notice …, clause 6.2 (must)."""
    document = procedure.documents.get(of.document)
    title = of.document if document is None else document.title.of(language)
    force = MODALITIES[of.modality].of(language)
    if language == "en":
        return f"{title}, clause {of.clause} ({force})"
    return f"《{title}》{of.clause}（{force}）"


def ground(procedure: Procedure, of: Grounded, language: str) -> str:
    """Return where a rule comes from: its clause, or that it is a setting."""
    return SETTING.of(language) if of.clause is None else clause(procedure, of.clause, language)
