"""`beian`: the procedure from a terminal."""

import contextlib
import sys
from typing import Annotated, Final

import typer

from cli.command import Root, both

# Each group is imported when it is called, so that the program answers at once.
COMMANDS: Final = (
    ("init", "cli.setup", "app", both("新建或升级数据库。", "Set up the database, or upgrade it.")),
    ("up", "cli.up", "app", both("启动服务，保持运行。", "Start server and worker and keep them running.")),
    (
        "demo",
        "cli.demo",
        "demo",
        both("演示：走完岳阳和青岛的示例批次。", "A demonstration: carry the example calls."),
    ),
    (
        "party",
        "cli.tokens",
        "app",
        both("登记单位、人员和角色。", "Enter bureaus, units, people and roles."),
    ),
    ("absence", "cli.absences", "app", both("委托代理：谁不在岗，谁代理。", "Absences and substitutes.")),
    (
        "procedure",
        "cli.procedure_proofs",
        "app",
        both("查看、核查、发布程序包。", "Show, check and publish procedure packs."),
    ),
    ("call", "cli.migrations", "app", both("发布、查看、办结批次。", "Open, show and close calls.")),
    ("case", "cli.panels", "app", both("申报、办理、查阅办件。", "Start, act on and look into cases.")),
    (
        "radar",
        "cli.radar",
        "app",
        both("列出受阻的办件和原因。", "List the cases that are stuck, and why."),
    ),
    (
        "incident",
        "cli.incidents",
        "app",
        both("查看、受理、重试、关闭异常。", "List, take on, retry and close incidents."),
    ),
    (
        "calendar",
        "cli.calendars",
        "app",
        both("放假安排：查看、导入。", "Holiday arrangements: show, import."),
    ),
    (
        "notice",
        "cli.notices",
        "app",
        both("通知：送达记录、预览、渠道选择。", "Notices: proof of service, preview, channels."),
    ),
    (
        "register",
        "cli.register_entries",
        "app",
        both("查看、导出备案名册，对照目标。", "List and export the register; targets."),
    ),
    (
        "consortium",
        "cli.credits",
        "app",
        both("已备案联合体的变更、同意与解散。", "How filed consortia change and end."),
    ),
    (
        "evaluation",
        "cli.rounds_due",
        "app",
        both(
            "评价：布置轮次、自评、评审、定等、取消备案。",
            "Rounds of evaluation, and what follows from them.",
        ),
    ),
    (
        "support",
        "cli.claims",
        "app",
        both("查看联合体可以申请的支持。", "What a consortium may claim, why and why not."),
    ),
    (
        "report",
        "cli.programmes",
        "app",
        both("统计用时、给出指标。", "Account for time, give metrics."),
    ),
    ("audit", "cli.audits", "app", both("核验记录未被改动。", "Verify that the record was not altered.")),
    (
        "doctor",
        "cli.doctor",
        "app",
        both("体检：有什么问题，怎么办。", "Tell what is wrong, and what to do."),
    ),
    ("backup", "cli.backup", "app", both("备份数据库和材料。", "Back up database and files.")),
    ("restore", "cli.backup", "restoring", both("从备份恢复。", "Restore a backup.")),
    ("scenario", "cli.scenario", "app", both("用移动的时间走完一个故事。", "Carry a story with moved time.")),
)

ELSEWHERE: Final = {
    "case": ("cli.remote", "cases"),
    "register": ("cli.remote", "registers"),
    "consortium": ("cli.remote_consortiums", "app"),
    "evaluation": ("cli.remote_evaluations", "app"),
}
"""The groups that work on a portal elsewhere too, by what does."""


class Beian(Root):
    """The program's commands, in the order in which one needs them."""

    LATER = COMMANDS
    ELSEWHERE = ELSEWHERE


app = typer.Typer(
    name="beian",
    cls=Beian,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=both(
        "创新联合体备案：批次、推荐、审查、时限和名册。",
        "The filing of innovation consortia: calls, recommendations, reviews, deadlines, the register.",
    ),
)


@app.callback()
def _beian(
    server: Annotated[
        str | None,
        typer.Option(
            envvar="BEIAN_SERVER",
            metavar="URL",
            help=both("通过接口办理的门户地址。", "The portal to work on through its interface."),
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="BEIAN_TOKEN",
            metavar="TOKEN",
            help=both("接口令牌。", "The token for its interface."),
        ),
    ] = None,
) -> None:
    """Say where to work: on a database here, or through a portal elsewhere."""


def main() -> None:
    """Run the program on the command line of the process."""
    for stream in (sys.stdout, sys.stderr):
        # Chinese on a terminal that cannot show it must not end the program.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app()


if __name__ == "__main__":
    main()
