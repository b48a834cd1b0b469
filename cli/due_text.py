"""The deadlines of a case or call, one line each."""

from casework.standing import Standing
from cli.reply import Reply
from procedure import written


def due_lines(reply: Reply, now: Standing) -> list[str]:
    """Return one line a deadline: title, until when, held by whom."""
    told: list[str] = []
    for each in now.subject.deadlines:
        title = now.deadline_title(each, reply.language)
        when = written.when(each.due_at, reply.language)
        if each.provisional:
            when += reply.say("（暂定）", " (provisional)")
        match each.state:
            case "suspended":
                told.append(reply.say(f"{title}：已停止计时", f"{title}: suspended"))
            case "overdue":
                told.append(reply.say(f"{title}：{when}截止，已逾期", f"{title}: due {when}, overdue"))
            case _:
                told.append(reply.say(f"{title}：{when}截止", f"{title}: due {when}"))
    return told
