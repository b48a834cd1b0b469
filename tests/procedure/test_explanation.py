"""Why a deadline is when it is, word for word."""

import datetime

import pendulum
import pytest

from procedure import deadlines
from procedure.event import ClockEntry
from procedure.explanation import Explanation, explain
from procedure.instant import end_of, local_instant
from procedure.pack import shipped
from procedure.subject import Call, Deadline, Subject
from procedure.working_days import WorkingCalendar, calendar_from, state_council

PROCEDURE = shipped("yueyang-2024").procedure
CALENDAR = state_council()
NOTICE = "《关于试行开展2024年度岳阳市创新联合体申报工作的通知》"
NOTICE_EN = "Notice on the 2024 trial call for Yueyang innovation consortia"


class Ledger:
    """The ledger of one deadline, written by the legal clock itself."""

    def __init__(self, name: str, kind: str = "application", calendar: WorkingCalendar = CALENDAR) -> None:
        self.rule = PROCEDURE.life(kind).deadline[name]
        self.kind = kind
        self.calendar = calendar
        self.dates = {"filing_closes": local_instant("2024-08-04T18:00")}
        self.lines: list[tuple[ClockEntry, str | None]] = []

    @property
    def deadline(self) -> Deadline:
        return deadlines.after((), [entry for entry, _ in self.lines])[0]

    def begin(self, at: str) -> "Ledger":
        subject = Subject(self.kind, "x", None, "", 0, Call("x"), dates=self.dates)  # type: ignore[arg-type]
        entry = deadlines.begin(PROCEDURE, self.rule, subject, local_instant(at), self.calendar)
        assert entry is not None
        return self.add(entry)

    def suspend(self, at: str, reason: str | None = None, by: str | None = None) -> "Ledger":
        moment = local_instant(at)
        return self.add(deadlines.suspend(self.rule, self.deadline, moment, self.calendar, reason), by)

    def resume(self, at: str) -> "Ledger":
        return self.add(deadlines.resume(self.rule, self.deadline, local_instant(at), self.calendar))

    def extend(self, at: str, until: str, reason: str, by: str) -> "Ledger":
        last = end_of(datetime.date.fromisoformat(until))
        return self.add(deadlines.extend(self.deadline, local_instant(at), last, reason), by)

    def recalculate(self, at: str, calendar: WorkingCalendar) -> "Ledger":
        entry = deadlines.recalculate(self.deadline, local_instant(at), calendar)
        assert entry is not None
        return self.add(entry)

    def restore(self, at: str, before: Deadline) -> "Ledger":
        (entry,) = deadlines.restore((before,), (), local_instant(at), self.calendar)
        return self.add(entry)

    def pass_by(self) -> "Ledger":
        return self.add(deadlines.pass_by(self.rule, self.deadline, self.deadline.due_at))

    def end(self, at: str, *, met: bool) -> "Ledger":
        return self.add(deadlines.end(self.deadline, local_instant(at), met=met))

    def add(self, entry: ClockEntry, by: str | None = None) -> "Ledger":
        self.lines.append((entry, by))
        return self

    def explained(self, language: str = "zh", calendar: WorkingCalendar | None = None) -> Explanation:
        entries, by = [entry for entry, _ in self.lines], [by for _, by in self.lines]
        return explain(PROCEDURE, self.kind, entries, calendar or self.calendar, language, by)


def test_a_fixed_date_is_cited_from_the_notice() -> None:
    recommendation = Ledger("recommendation")
    recommendation.dates["recommendation_due"] = local_instant("2024-08-09T18:00")
    recommendation.begin("2024-08-04T18:00").end("2024-08-05T09:00", met=True)
    assert recommendation.explained().lines == (
        "系统推荐：2024年8月9日 18:00截止，由推荐单位办理，已办结。",
        f"  该时限出自：{NOTICE}6.2（应当）。",
        (
            "  2024年8月4日 18:00进入“推荐单位初审”；截止时间是固定时点“系统推荐截止”：2024年8月9日 18:00，"
            "该时刻整仍为按时。该时点出自：同一文件6.2，应当。"
        ),
        "  2024年8月5日 09:00办结。",
    )
    assert recommendation.explained("en").lines == (
        "Recommendation in the system: due 9 August 2024, 18:00, held by the recommending unit, done.",
        f"  The deadline comes from: {NOTICE_EN}, clause 6.2 (must).",
        (
            "  4 August 2024, 18:00: “First review by the recommending unit” begins; it is due on the "
            "fixed date "
            "“Recommendation in the system is due”: 9 August 2024, 18:00, that very instant still being "
            "in time. "
            "The date comes from: same document, clause 6.2, must."
        ),
        "  5 August 2024, 09:00: done.",
    )


def test_a_date_of_the_calls_own_is_not_ascribed_to_the_notice() -> None:
    filing = Ledger("filing")
    filing.dates["filing_closes"] = local_instant("2026-12-20T12:00")
    account = filing.begin("2026-12-01T08:00").explained().accounts[0]
    assert account.counting.announced
    assert account.lines[2:] == (
        (
            "  2026年12月1日 08:00进入“填报”；截止时间是本批次公布的固定时点“网上申报截止”：2026年12月20"
            "日 12:00，"
            "该时刻整仍为按时。"
        ),
        "  逾期未办：自动转为“截止未提交，不予受理”（设定）。",
    )


def test_working_days_name_the_days_off_and_the_make_up_days_in_between() -> None:
    visit = Ledger("visit").begin("2024-09-27T10:00")
    account = visit.explained().accounts[0]
    assert account.due_at == end_of(datetime.date(2024, 10, 16))
    assert account.lines == (
        "现场考察：2024年10月16日 24:00截止，由市科技局办理，计时中。",
        "  该时限出自：设定，原文件未规定。",
        (
            "  2024年9月27日 10:00进入“现场考察”，当日不计，数10个工作日（现场考察时限（工作日）；设定），"
            "至2024年10月16日 24:00。其间：周末2天不计；"
            "2024年9月29日（星期日）为国庆节调休上班，计入（国办发明电〔2023〕7号）；"
            "2024年10月1日至2024年10月7日国庆节放假不计（国办发明电〔2023〕7号）；"
            "2024年10月12日（星期六）为国庆节调休上班，计入（国办发明电〔2023〕7号）。"
        ),
        "  逾期未办：提醒有关人员，由人决定，系统不自动作出决定。",
    )
    assert visit.explained("en").lines[2:] == (
        (
            "  27 September 2024, 10:00: “Site visit” begins; that day not counted, 10 working days "
            "(Time for the "
            "site visit (working days); a setting) end on 16 October 2024, end of day. In between: 2 days of "
            "weekends not counted; Sunday 29 September 2024 worked for National Day, counted (国办发明电"
            "〔2023〕7号); "
            "1 October 2024 to 7 October 2024 off for National Day (国办发明电〔2023〕7号); "
            "Saturday 12 October 2024 worked for National Day, counted (国办发明电〔2023〕7号)."
        ),
        "  If it passes: people are told and decide; nothing is decided by itself.",
    )


def test_a_span_accounts_for_every_day() -> None:
    span = Ledger("visit").begin("2024-09-27T10:00").explained().accounts[0].steps[0].span
    assert span is not None
    off = [day for row in span.special if row.kind == "holiday" for day in (row.first, row.last)]
    assert off == [datetime.date(2024, 10, 1), datetime.date(2024, 10, 7)]
    # 28 September and 13 October are the plain weekend days off; both Saturdays beside them were worked.
    assert (span.working_days, span.weekend_days) == (10, 2)
    assert (span.through - span.after).days == 10 + 2 + 7


def test_a_pause_and_an_extension_are_told_with_who_and_why() -> None:
    review = (
        Ledger("formal_review")
        .begin("2024-08-13T15:00")
        .suspend("2024-08-14T09:00", by="陈立")
        .resume("2024-08-16T10:00")
        .extend("2024-08-19T11:00", "2024-09-30", "专家出差", by="周敏")
    )
    assert review.explained().lines == (
        "形式审查：2024年9月30日 24:00截止，由市科技局办理，计时中。",
        "  该时限出自：设定，原文件未规定。",
        (
            "  2024年8月13日 15:00进入“形式审查”，当日不计，数5个工作日（形式审查时限（工作日）；设定），"
            "至2024年8月20日 24:00。其间：周末2天不计。"
        ),
        "  2024年8月14日 09:00进入“形式审查补正”，停止计时，剩余4个工作日。",
        (
            "  2024年8月16日 10:00恢复计时，当日不计，数剩余的4个工作日，至2024年8月22日 24:00。其间：周末2天"
            "不计。"
        ),
        "  2024年8月19日 11:00由周敏延长：由2024年8月22日 24:00改为2024年9月30日 24:00，理由：专家出差。",
        "  逾期未办：提醒有关人员，由人决定，系统不自动作出决定。",
    )
    assert review.explained("en").lines[3:6] == (
        "  14 August 2024, 09:00: “Correction for the formal review” stops the clock, 4 working days left.",
        (
            "  16 August 2024, 10:00: the clock runs on; that day not counted, the 4 working days left "
            "end on "
            "22 August 2024, end of day. In between: 2 days of weekends not counted."
        ),
        (
            "  19 August 2024, 11:00: 周敏 extended it from 22 August 2024, end of day to 30 September "
            "2024, end of "
            "day, because: 专家出差."
        ),
    )
    steps = review.explained().accounts[0].steps
    assert [(step.kind, step.by, step.reason, step.remaining, step.stage) for step in steps] == [
        ("started", None, None, 5, "形式审查"),
        ("suspended", "陈立", None, 4, "形式审查补正"),
        ("resumed", None, None, 4, None),
        ("extended", "周敏", "专家出差", None, None),
    ]


def test_a_leaders_pause_names_the_leader_and_the_reason() -> None:
    review = Ledger("formal_review").begin("2024-08-13T15:00").suspend("2024-08-14T09:00", "台风", "周敏")
    account = review.explained().accounts[0]
    assert account.state == "suspended"
    assert account.lines[0] == "形式审查：已停止计时（停止前为2024年8月20日 24:00截止），由市科技局办理。"
    assert account.steps[1].text == "2024年8月14日 09:00由周敏停止计时，剩余4个工作日，理由：台风。"
    english = review.explained("en").accounts[0].steps[1].text
    assert english == "14 August 2024, 09:00: 周敏 stopped the clock, 4 working days left, because: 台风."


def test_no_working_day_left_ends_with_the_day_of_the_resumption() -> None:
    review = Ledger("formal_review").begin("2024-08-13T15:00")
    review.suspend("2024-08-20T09:00").resume("2024-08-24T10:00")
    assert review.explained().accounts[0].steps[2].text == (
        "2024年8月24日 10:00恢复计时，已无剩余工作日，至当日或其后第一个工作日结束：2024年8月26日 24:00。"
        "其间：周末1天不计。"
    )


def test_what_was_left_of_a_fixed_instant_is_a_length_of_time() -> None:
    filing = Ledger("filing").begin("2024-07-10T09:00")
    filing.suspend("2024-08-01T15:55", "系统故障", "周敏").resume("2024-08-05T15:55")
    assert [step.text for step in filing.explained().accounts[0].steps[1:]] == [
        "2024年8月1日 15:55由周敏停止计时，剩余3天 2小时 5分钟，理由：系统故障。",
        "2024年8月5日 15:55恢复计时，剩余3天 2小时 5分钟，至2024年8月8日 18:00。",
    ]
    assert [step.text for step in filing.explained("en").accounts[0].steps[1:]] == [
        "1 August 2024, 15:55: 周敏 stopped the clock, 3 days 2 hours 5 minutes left, because: 系统故障.",
        (
            "5 August 2024, 15:55: the clock runs on with 3 days 2 hours 5 minutes left, until 8 August "
            "2024, 18:00."
        ),
    ]


def test_an_unpublished_year_makes_the_date_provisional_and_says_why() -> None:
    review = Ledger("formal_review").begin("2026-12-29T09:00")
    account = review.explained().accounts[0]
    assert account.provisional
    assert account.steps[0].span is not None
    assert account.steps[0].span.unpublished == (2027,)
    assert (
        "  该日期为暂定：计算时2027年放假安排尚未公布，按周一至周五为工作日推算，公布后重新计算。"
        in account.lines
    )
    assert (
        "  The date is provisional: when it was counted the holidays of 2027 had not been published; "
        "Monday to "
        "Friday were assumed, and it is recalculated once they are." in review.explained("en").lines
    )


def test_a_recalculation_is_counted_from_the_day_the_clock_began() -> None:
    early = calendar_from(each for each in CALENDAR.arrangements if each.year <= 2023)
    review = Ledger("formal_review", calendar=early).begin("2023-12-28T09:00")
    assert review.explained().accounts[0].provisional
    review.recalculate("2024-01-02T08:00", CALENDAR)
    account = review.explained(calendar=CALENDAR).accounts[0]
    assert not account.provisional
    assert account.due_at == end_of(datetime.date(2024, 1, 5))
    assert [step.text for step in account.steps] == [
        (
            "2023年12月28日 09:00进入“形式审查”，当日不计，数5个工作日（形式审查时限（工作日）；设定），"
            "至2024年1月4日 24:00。其间：周末2天不计；2024年1月1日（星期一）元旦放假不计（国办发明电〔20"
            "23〕7号）。"
            f"按当时的日历（{early.version}）计算；现行日历在此间有4个工作日。"
        ),
        (
            "2024年1月2日 08:00因放假安排变化重新计算：由2024年1月4日 24:00改为2024年1月5日 24:00。"
            "其间：周末2天不计；2024年1月1日（星期一）元旦放假不计（国办发明电〔2023〕7号）。"
        ),
    ]


def test_a_lapse_names_what_follows_and_where_that_is_stated() -> None:
    recommendation = Ledger("recommendation")
    recommendation.dates["recommendation_due"] = local_instant("2024-08-09T18:00")
    running = recommendation.begin("2024-08-04T18:00").explained()
    assert running.lines[-1] == "  逾期未办：自动转为“逾期未推荐，不予受理”（同一文件6.2，应当）。"
    consequence = running.accounts[0].consequence
    assert consequence.ground is not None
    assert (consequence.to, consequence.ground.clause, consequence.ground.modality) == (
        "not_accepted",
        "6.2",
        "must",
    )
    lapsed = recommendation.pass_by().explained()
    assert lapsed.accounts[0].state == "lapsed"
    assert lapsed.lines[0] == "系统推荐：2024年8月9日 18:00截止，由推荐单位办理，期满未办。"
    assert lapsed.lines[-1] == (
        "  过2024年8月9日 18:00仍未办，自动转为“逾期未推荐，不予受理”（同一文件6.2，应当）。"
    )
    assert recommendation.explained("en").lines[-1] == (
        "  It was not done by 9 August 2024, 18:00; the case went by itself to “Not recommended in time, not "
        "accepted” (same document, clause 6.2, must)."
    )


def test_overdue_then_done_is_done_late() -> None:
    papers = Ledger("papers")
    papers.dates["papers_due"] = end_of(datetime.date(2024, 8, 13))
    papers.begin("2024-08-05T09:00").pass_by()
    assert papers.explained().accounts[0].state == "overdue"
    papers.end("2024-08-15T10:00", met=True)
    assert papers.explained().lines == (
        "递交纸质材料：2024年8月13日 24:00截止，由推荐单位办理，已办结。",
        f"  该时限出自：{NOTICE}6.2（应当）。",
        (
            "  2024年8月5日 09:00进入“递交纸质材料”；截止时间是固定时点“纸质材料递交截止”：2024年8月13日"
            " 24:00，"
            "该时刻整仍为按时。该时点出自：同一文件6.2，应当。"
        ),
        "  过2024年8月13日 24:00仍未办，转为逾期。",
        "  2024年8月15日 10:00逾期后办结。",
        "  说明：通知未说逾期的后果，由经办人决定，程序不自动否决。",
    )


def test_an_act_taken_back_says_how_the_clock_stands_again() -> None:
    review = Ledger("formal_review").begin("2024-08-13T10:00")
    stopped = review.deadline
    review.suspend("2024-08-14T09:00", "等待鉴定", "高屹")
    paused = review.deadline
    review.end("2024-08-15T09:00", met=False).restore("2024-08-15T09:05", paused)
    assert review.explained().accounts[0].state == "suspended"
    assert review.explained().accounts[0].steps[-1].text == (
        "2024年8月15日 09:05前一行为被收回，仍停止计时，剩余4个工作日。"
    )
    late = Ledger("formal_review").begin("2024-08-13T10:00").pass_by()
    overdue = late.deadline
    late.end("2024-08-22T09:00", met=True).restore("2024-08-22T09:05", overdue)
    assert late.explained("en").accounts[0].state == "overdue"
    assert late.explained("en").accounts[0].steps[-1].text == (
        "22 August 2024, 09:05: the act before was taken back; overdue again, "
        "since 20 August 2024, end of day."
    )
    met = Ledger("formal_review").begin("2024-08-13T10:00").end("2024-08-14T09:00", met=True)
    assert met.restore("2024-08-14T09:05", stopped).explained().accounts[0].steps[-1].text == (
        "2024年8月14日 09:05前一行为被收回，继续计时，仍为2024年8月20日 24:00截止。"
    )


def test_the_windows_of_a_call_open_and_close_by_plan() -> None:
    closing = Ledger("window_closing", "call").begin("2024-07-04T00:00").pass_by()
    assert closing.explained().lines[0] == "申报截止：2024年8月4日 18:00。"
    assert closing.explained().lines[-1] == (
        "  2024年8月4日 18:00到时，自动转为“推荐和递交材料中”（同一文件6.1，应当）。"
    )


def test_a_second_occurrence_is_an_account_of_its_own() -> None:
    first = Ledger("recommendation_correction").begin("2024-08-05T09:00").end("2024-08-06T09:00", met=True)
    again = Subject("application", "x", None, "", 0, Call("x"), occurrences={"recommendation_correction": 1})
    entry = deadlines.begin(PROCEDURE, first.rule, again, local_instant("2024-08-07T09:00"), CALENDAR)
    assert entry is not None
    explanation = first.add(entry).explained()
    assert [(each.occurrence, each.state) for each in explanation.accounts] == [(1, "met"), (2, "running")]
    assert explanation.lines[4] == ""
    assert explanation.lines[5] == "推荐环节补正（第2次）：2024年8月14日 24:00截止，由申报单位办理，计时中。"


def test_a_case_that_left_ends_the_clock() -> None:
    visit = Ledger("visit").begin("2024-08-16T10:00").end("2024-08-19T10:00", met=False)
    assert visit.explained().accounts[0].state == "cancelled"
    assert visit.explained().lines[-1] == "  2024年8月19日 10:00离开所属环节，终止计时。"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_begun_explains_nothing(language: str) -> None:
    assert explain(PROCEDURE, "application", [], CALENDAR, language) == Explanation(language, ())
    assert explain(PROCEDURE, "application", [], CALENDAR, language).lines == ()


def test_an_unknown_deadline_is_the_callers_mistake() -> None:
    at = pendulum.datetime(2024, 8, 5, tz="Asia/Shanghai")
    with pytest.raises(KeyError):
        explain(PROCEDURE, "application", [ClockEntry("nonsense", 1, "started", at)], CALENDAR, "zh")
