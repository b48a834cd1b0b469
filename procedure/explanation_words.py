"""The sentences in which an explanation of a deadline is told."""

from typing import Final

from procedure.definition import Words

SENTENCES: Final[dict[str, Words]] = {
    # The first line: what, until when, who, and how it stands.
    "head_running": Words(
        zh="{title}{occurrence}：{due}截止，由{holder}办理，计时中。",
        en="{title}{occurrence}: due {due}, held by {holder}, running.",
    ),
    "head_suspended": Words(
        zh="{title}{occurrence}：已停止计时（停止前为{due}截止），由{holder}办理。",
        en="{title}{occurrence}: suspended (it was due {due}), held by {holder}.",
    ),
    "head_overdue": Words(
        zh="{title}{occurrence}：{due}截止，由{holder}办理，已逾期。",
        en="{title}{occurrence}: due {due}, held by {holder}, overdue.",
    ),
    "head_met": Words(
        zh="{title}{occurrence}：{due}截止，由{holder}办理，已办结。",
        en="{title}{occurrence}: due {due}, held by {holder}, done.",
    ),
    "head_lapsed": Words(
        zh="{title}{occurrence}：{due}截止，由{holder}办理，期满未办。",
        en="{title}{occurrence}: due {due}, held by {holder}, passed without being done.",
    ),
    "head_cancelled": Words(
        zh="{title}{occurrence}：{due}截止，由{holder}办理，已终止计时。",
        en="{title}{occurrence}: due {due}, held by {holder}, no longer running.",
    ),
    "head_window": Words(zh="{title}{occurrence}：{due}。", en="{title}{occurrence}: {due}."),
    "ladder": Words(zh="提醒与上报：", en="Reminders and escalations:"),
    "occurrence": Words(zh="（第{n}次）", en=" (no. {n})"),
    # The steps of the ledger.
    "started_date": Words(
        zh="{at}进入“{stage}”；截止时间是固定时点“{title}”：{after}{inclusive}。该时点出自：{ground}。",
        en="{at}: “{stage}” begins; it is due on the fixed date “{title}”: {after}{inclusive}. "
        "The date comes from: {ground}.",
    ),
    "started_announced": Words(
        zh="{at}进入“{stage}”；截止时间是本批次公布的固定时点“{title}”：{after}{inclusive}。",
        en="{at}: “{stage}” begins; it is due on the date that this call announced as “{title}”: "
        "{after}{inclusive}.",
    ),
    "inclusive": Words(zh="，该时刻整仍为按时", en=", that very instant still being in time"),
    "started": Words(
        zh="{at}进入“{stage}”，当日不计，数{number}（{title}；{ground}），至{after}。",
        en="{at}: “{stage}” begins; that day not counted, {number} ({title}; {ground}) end on {after}.",
    ),
    "suspended_by_stage": Words(
        zh="{at}进入“{stage}”，停止计时，剩余{left}。", en="{at}: “{stage}” stops the clock, {left} left."
    ),
    "suspended": Words(
        zh="{at}由{by}停止计时，剩余{left}{reason}。", en="{at}: {by} stopped the clock, {left} left{reason}."
    ),
    "resumed": Words(
        zh="{at}恢复计时，剩余{left}，至{after}{reason}。",
        en="{at}: the clock runs on with {left} left, until {after}{reason}.",
    ),
    "resumed_days": Words(
        zh="{at}恢复计时，当日不计，数剩余的{left}，至{after}{reason}。",
        en="{at}: the clock runs on; that day not counted, the {left} left end on {after}{reason}.",
    ),
    "resumed_without_days": Words(
        zh="{at}恢复计时，已无剩余工作日，至当日或其后第一个工作日结束：{after}{reason}。",
        en="{at}: the clock runs on with no working day left, so it ends with that day or the next working "
        "day: {after}{reason}.",
    ),
    "extended": Words(
        zh="{at}由{by}延长：由{before}改为{after}{reason}。",
        en="{at}: {by} extended it from {before} to {after}{reason}.",
    ),
    "recalculated": Words(
        zh="{at}因放假安排变化重新计算：由{before}改为{after}{reason}。",
        en="{at}: recalculated after a change of the holiday arrangements, from {before} to {after}{reason}.",
    ),
    "revised": Words(
        zh="{at}批次改用另一版本：由{before}改为{after}。",
        en="{at}: the call moved to another revision, from {before} to {after}.",
    ),
    "revised_standing": Words(
        zh="{at}批次改用另一版本：停止计时中，剩余{left}。",
        en="{at}: the call moved to another revision; suspended, {left} left.",
    ),
    "restored": Words(
        zh="{at}前一行为被收回，继续计时，仍为{after}截止。",
        en="{at}: the act before was taken back; the clock runs again, still due {after}.",
    ),
    "restored_suspended": Words(
        zh="{at}前一行为被收回，仍停止计时，剩余{left}。",
        en="{at}: the act before was taken back; the clock stands still again, {left} left.",
    ),
    "restored_overdue": Words(
        zh="{at}前一行为被收回，仍为逾期（{before}截止）。",
        en="{at}: the act before was taken back; overdue again, since {before}.",
    ),
    "restored_recounted": Words(
        zh="{at}前一行为被收回，继续计时；放假安排已有变化，由{before}改为{after}。",
        en="{at}: the act before was taken back and the clock runs again; the holiday arrangements have "
        "changed: from {before} to {after}.",
    ),
    "met": Words(zh="{at}办结。", en="{at}: done."),
    "met_late": Words(zh="{at}逾期后办结。", en="{at}: done, late."),
    "waived": Words(
        zh="“{title}”并未符合，{at}已豁免，因而未受阻。依据：{ground}。理由：{reason}。",
        en=" “{title}” was not met; it was waived on {at} and stopped nothing. Ground: {ground}. "
        "Reason: {reason}.",
    ),
    "overdue": Words(zh="过{before}仍未办，转为逾期。", en="It was not done by {before} and became overdue."),
    "lapsed": Words(
        zh="过{before}仍未办，自动转为“{to}”（{to_ground}）。",
        en="It was not done by {before}; the case went by itself to “{to}” ({to_ground}).",
    ),
    "window_passed": Words(
        zh="{before}到时，自动转为“{to}”（{to_ground}）。",
        en="At {before} it went by itself to “{to}” ({to_ground}).",
    ),
    "cancelled": Words(
        zh="{at}离开所属环节，终止计时。", en="{at}: the case left the stage, and the clock ended."
    ),
    "because": Words(zh="，理由：{reason}", en=", because: {reason}"),
    "program": Words(zh="系统", en="the program"),
    "older_calendar": Words(
        zh="按当时的日历（{version}）计算；现行日历在此间有{days}。",
        en=" It was counted by the calendar of that time ({version}); by the present one there are {days}.",
    ),
    # What the calendar says between two days.
    "between": Words(zh="其间：{facts}。", en=" In between: {facts}."),
    "semicolon": Words(zh="；", en="; "),
    "weekends": Words(zh="周末{days}不计", en="{days} of weekends not counted"),
    "one_day": Words(zh="1天", en="1 day"),
    "days": Words(zh="{n}天", en="{n} days"),
    "on": Words(zh="{day}（{weekday}）", en="{weekday} {day}"),
    "from_to": Words(zh="{first}至{last}", en="{first} to {last}"),
    "holiday": Words(zh="{days}{name}放假不计（{document}）", en="{days} off for {name} ({document})"),
    "makeup": Words(
        zh="{days}为{name}调休上班，计入（{document}）", en="{days} worked for {name}, counted ({document})"
    ),
    # What it rests on, and what follows.
    "ground": Words(zh="该时限出自：{ground}。", en="The deadline comes from: {ground}."),
    "setting": Words(zh="设定", en="a setting"),
    "same_document": Words(zh="同一文件{clause}，{force}", en="same document, clause {clause}, {force}"),
    "note": Words(zh="说明：{note}", en="Note: {note}"),
    "provisional": Words(
        zh="该日期为暂定：计算时{years}年放假安排尚未公布，按周一至周五为工作日推算，公布后重新计算。",
        en="The date is provisional: when it was counted the holidays of {years} had not been published; "
        "Monday to Friday were assumed, and it is recalculated once they are.",
    ),
    "follows": Words(
        zh="逾期未办：自动转为“{title}”（{ground}）。",
        en="If it passes: the case goes by itself to “{title}” ({ground}).",
    ),
    "follows_window": Words(
        zh="到时自动转为“{title}”（{ground}）。", en="Then it goes by itself to “{title}” ({ground})."
    ),
    "stays": Words(
        zh="逾期未办：提醒有关人员，由人决定，系统不自动作出决定。",
        en="If it passes: people are told and decide; nothing is decided by itself.",
    ),
}
"""By name, with the facts in braces."""
