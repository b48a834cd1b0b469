"""A procedure pack as text that people can read through: stages in order, deadlines, acts, grounds."""

from collections.abc import Iterator

from casework.terms import term
from procedure import written
from procedure.definition import (
    ActRule,
    Clause,
    DeadlineRule,
    Grounded,
    Ladder,
    Life,
    NamedDate,
    Procedure,
    Words,
)
from procedure.instant import calendar_day, end_of, local_instant

INDENT = "  "


def lines(procedure: Procedure, language: str) -> Iterator[str]:
    """Yield the pack in lines: what it is, its dates and settings, its stages, rules, materials and names."""
    yield from _Text(procedure, language).lines()


class _Text:
    def __init__(self, procedure: Procedure, language: str) -> None:
        self.procedure = procedure
        self.language = language

    def lines(self) -> Iterator[str]:
        procedure = self.procedure
        yield self.of(procedure.title)
        yield f"{self.of(procedure.bureau.name)} · {procedure.code}"
        for document in procedure.documents.values():
            issued = self.issued(document.issued)
            yield self.say(
                f"《{document.title.zh}》，{document.issued_by.zh}，{issued}",
                f"{document.title.en}, {document.issued_by.en}, {issued}",
            )
        yield from self.section("日期", "Dates")
        for name, date in procedure.dates.items():
            yield f"{INDENT}{self.of(date.title)} [{name}]{self.colon}{self.date(date)}{self.ground(date)}"
            yield from self.note(date)
        yield from self.section("批次", "The call")
        yield from self.life(procedure.call)
        yield from self.section("办件", "The case")
        yield from self.life(procedure.application)
        yield from self.section("提醒与上报", "Reminders and escalations")
        hours = procedure.sending_hours
        days = self.say("工作日" if hours.days == "working" else "每天", f"{hours.days} days")
        sent = self.say("发送时段", "Sending hours")
        yield f"{INDENT}{sent}{self.colon}{days} {hours.opens}–{hours.closes}{self.ground(hours)}"
        if procedure.ladder is not None:
            yield from self.ladder(procedure.ladder, 1)
        yield from self.section("申报条件", "Conditions")
        for rule in procedure.rules:
            acts = written.listed((term("acts", act, self.language) for act in rule.stops), self.language)
            stops = self.say(f"，不符合时不能{acts}", f", stops: {acts}") if acts else ""
            yield f"{INDENT}{self.of(rule.title)} [{rule.id}]{self.ground(rule)}{stops}"
            yield from self.note(rule)
        yield from self.section("材料", "Materials")
        for material in procedure.materials:
            by = term("owners", material.by, self.language)
            formats = "/".join(each.upper() for each in material.formats)
            needed = material.needed_for
            act = "" if needed is None else term("acts", needed, self.language)
            need = self.say(f"，{act}时必须", f", needed to {act}") if act else ""
            told = self.say(f"{by}，{formats}{need}", f"{by}, {formats}{need}")
            title = f"{self.of(material.title)} [{material.id}]"
            yield f"{INDENT}{title}{self.colon}{told}{self.ground(material)}"
            yield from self.note(material)
        yield from self.section("设定", "Settings")
        for name, setting in procedure.settings.items():
            value = self.value(setting.value)
            yield f"{INDENT}{self.of(setting.title)} [{name}]{self.colon}{value}{self.ground(setting)}"
            yield from self.note(setting)
        yield from self.section("名称与编号", "Names and numbers")
        for title, pattern, of in (
            (self.say("正式名称", "Official name"), procedure.naming.pattern, procedure.naming),
            (self.say("办件编号", "Case number"), procedure.case_number.pattern, procedure.case_number),
            (
                self.say("备案编号", "Register number"),
                procedure.register_number.pattern,
                procedure.register_number,
            ),
            (
                self.say("有效期", "Validity"),
                self.say(f"{procedure.validity.years}年", f"{procedure.validity.years} years"),
                procedure.validity,
            ),
        ):
            yield f"{INDENT}{title}{self.colon}{pattern}{self.ground(of)}"

    def life(self, life: Life) -> Iterator[str]:
        for number, stage in enumerate(life.stages, 1):
            holder = written.HOLDERS[stage.holder].of(self.language)
            held = self.say(f"，由{holder}办理", f", held by {holder}")
            yield f"{INDENT}{number}. {self.of(stage.title)} [{stage.id}]{held}{self.ground(stage)}"
            yield from self.note(stage, 2)
            for name in stage.deadlines:
                told = self.deadline(life, life.deadline[name])
                yield f"{INDENT * 2}{self.say('时限 ', 'Deadline ')}{told}"
                own = life.deadline[name].ladder
                if own is not None:
                    yield from self.ladder(own, 3)
            if stage.no_deadline is not None:
                yield f"{INDENT * 2}{self.say('无时限：', 'No deadline: ')}{self.of(stage.no_deadline)}"
            for name in stage.suspends:
                title = self.of(life.deadline[name].title)
                yield f"{INDENT * 2}{self.say(f'“{title}”停止计时', f'“{title}” is suspended')}"
            for name, rule in stage.acts.items():
                yield f"{INDENT * 2}▸ {self.act(life, name, rule)}"
        if life.everywhere:
            yield f"{INDENT}{self.say('任何环节', 'At every stage')}"
            for name, rule in life.everywhere.items():
                yield f"{INDENT * 2}▸ {self.act(life, name, rule)}"
        if life.afterwards:
            yield f"{INDENT}{self.say('办结之后', 'After the end')}"
            for name, rule in life.afterwards.items():
                yield f"{INDENT * 2}▸ {self.act(life, name, rule)}"
        yield f"{INDENT}{self.say('结果', 'Outcomes')}"
        for outcome in life.outcomes:
            yield f"{INDENT * 2}■ {self.of(outcome.title)} [{outcome.id}]{self.ground(outcome)}"
            yield from self.note(outcome, 3)

    def act(self, life: Life, name: str, rule: ActRule) -> str:
        title = term("acts", name, self.language)
        roles = written.listed((term("roles", role, self.language) for role in rule.roles), self.language)
        ways = [self.place(life, rule.to)] if rule.to is not None else []
        for branch in rule.branches:
            refused = self.say(f"拒绝 [{branch.refuse}]", f"refused [{branch.refuse}]")
            way = refused if branch.to is None else self.place(life, branch.to)
            ways.append(way if branch.when is None else f"{way} ({branch.when})")
        leads = f" → {' | '.join(ways)}" if ways else ""
        return f"{title} [{name}]{self.colon}{roles}{leads} · {self.short(rule.clause)}"

    def deadline(self, life: Life, rule: DeadlineRule) -> str:
        holder = written.HOLDERS[rule.holder].of(self.language)
        if rule.due.date is not None:
            when = self.of(self.procedure.dates[rule.due.date].title)
        else:
            named = rule.due.working_days
            number = self.procedure.number(0 if named is None else named)
            when = written.count(number, Words(zh="工作日", en="working day"), self.language)
        if rule.lapse is None:
            after = self.say("逾期只提醒", "when overdue people are told")
        else:
            place, ground = self.place(life, rule.lapse.to), self.short(rule.lapse.clause)
            after = self.say(f"期满转为“{place}”（{ground}）", f"then “{place}” ({ground})")
        told = self.say(f"{when}，{holder}；{after}", f"{when}, {holder}; {after}")
        return f"{self.of(rule.title)} [{rule.id}]{self.colon}{told}{self.ground(rule)}"

    def ladder(self, of: Ladder, depth: int) -> Iterator[str]:
        title = self.say("提醒阶梯", "Ladder") if of.rungs else self.say("不提醒", "No reminders")
        yield f"{INDENT * depth}{title}{self.ground(of)}"
        for rung in of.rungs:
            when, told = written.rung(rung, self.language), written.told_by(rung, self.language)
            yield f"{INDENT * (depth + 1)}{when}{self.colon}{told} [{rung.id}, {rung.text}]"
        yield from self.note(of, depth + 1)

    def place(self, life: Life, name: str) -> str:
        return self.of((life.stage.get(name) or life.outcome[name]).title)

    def date(self, date: NamedDate) -> str:
        if date.value is None:
            return self.say("由批次给出", "given by the call")
        day = date.kind == "day"
        return written.when(
            end_of(calendar_day(date.value)) if day else local_instant(date.value), self.language
        )

    def value(self, value: bool | int | str) -> str:
        """Return a setting's value in words: a field of the form by its title, a choice by its name."""
        if isinstance(value, bool):
            return self.say("是" if value else "否", "yes" if value else "no")
        if isinstance(value, str) and value in self.procedure.field:
            return self.of(self.procedure.field[value].title)
        return term("setting_values", str(value), self.language)

    def ground(self, of: Grounded) -> str:
        return f" · {self.short(of.clause)}"

    def short(self, clause: Clause | None) -> str:
        if clause is None:
            return self.say("设定", "a setting")
        return f"{clause.clause} {written.MODALITIES[clause.modality].of(self.language)}"

    def note(self, of: Grounded, depth: int = 2) -> Iterator[str]:
        if of.note is not None:
            yield f"{INDENT * depth}{self.say('注：', 'Note: ')}{self.of(of.note)}"

    def issued(self, day: str) -> str:
        if len(day) == 4:  # a year, where the day is not known
            return self.say(f"{day}年", day)
        return written.day(calendar_day(day), self.language)

    def section(self, zh: str, en: str) -> Iterator[str]:
        yield ""
        yield self.say(f"【{zh}】", en.upper())

    def of(self, words: Words) -> str:
        return words.of(self.language)

    def say(self, zh: str, en: str) -> str:
        return en if self.language == "en" else zh

    @property
    def colon(self) -> str:
        return self.say("：", ": ")
