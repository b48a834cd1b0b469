"""`beian party`: who takes part, entered by hand or from a file."""

from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from sqlalchemy import Connection

from casework import clock, roster
from casework.roster import HeldRole
from casework.terms import term
from cli import party_file
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.party_file import BureauKind, Entered, OrganisationKind, PersonRole, RoleEntry, Roll
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, opened, person_of, set_up
from models.database import reading, writing
from procedure.instant import day_of

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on who takes part."""

KINDS = both(
    f"类型：{'、'.join(get_args(OrganisationKind))}。", f"The kind: {', '.join(get_args(OrganisationKind))}."
)
ROLES = both(f"角色：{'、'.join(get_args(PersonRole))}。", f"The role: {', '.join(get_args(PersonRole))}.")
BUREAUS = both(f"类型：{'、'.join(get_args(BureauKind))}。", f"The kind: {', '.join(get_args(BureauKind))}.")
OfOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODE|USCC",
        help=both(
            "所代表的单位（统一社会信用代码）或所属的局（代码）。",
            "The unit the person speaks for (USCC), or the bureau they belong to (code).",
        ),
    ),
]
HandleArgument = Annotated[str, typer.Argument(help=both("账号，如 zhang。", "The handle, such as zhang."))]


@command(
    app,
    "bureau",
    "登记一个推荐单位（区县、功能区等）。",
    "Enter a recommending unit (county, district, zone).",
    """
    beian party bureau pingjiang 平江县科技局 "Pingjiang science bureau" --kind county
    beian party bureau xingang 新港高新园区 "Xingang high-tech zone" --kind high_tech_zone --of yueyang
    """,
)
def bureau(
    reply: Reply,
    code: Annotated[str, typer.Argument(help=both("代码，如 pingjiang。", "The code, such as pingjiang."))],
    name: Annotated[str, typer.Argument(help=both("中文名称。", "The Chinese name."))],
    name_en: Annotated[str, typer.Argument(help=both("英文名称。", "The English name."))],
    kind: Annotated[str, typer.Option(help=BUREAUS)],
    of: Annotated[
        str | None, typer.Option(metavar="CODE", help=both("所属市局的代码。", "The city bureau's code."))
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Enter one bureau."""
    entry = {"name": {"zh": name, "en": name_en}, "kind": kind, "of": of}
    _enter(reply, database, party_file.roll_of({"bureaus": {code: entry}}))


@command(
    app,
    "organisation",
    "登记一个单位。",
    "Enter an organisation.",
    """
    beian party organisation 91350100M000100Y43 甲公司 --kind enterprise --district pingjiang
    beian party organisation 12100000400000624D 某大学 --kind university
    """,
)
def organisation(
    reply: Reply,
    uscc: Annotated[str, typer.Argument(help=both("统一社会信用代码。", "The unified social credit code."))],
    name: Annotated[str, typer.Argument(help=both("名称。", "The name."))],
    kind: Annotated[str, typer.Option(help=KINDS)],
    district: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=both("推荐单位的代码。", "The code of its recommending unit.")),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Enter one organisation."""
    entry = {"name": name, "kind": kind, "district": district}
    _enter(reply, database, party_file.roll_of({"organisations": {uscc: entry}}))


@command(
    app,
    "person",
    "登记一个人员，可同时授予角色。",
    "Enter a person, with a role if wanted.",
    """
    beian party person zhang 张三 --email zhang@example.org --role applicant --of 91350100M000100Y43
    beian party person chen 陈立 --role city_officer --of yueyang
    beian party person e1 专家甲 --role expert --of yueyang
    """,
)
def person(
    reply: Reply,
    handle: HandleArgument,
    name: Annotated[str, typer.Argument(help=both("姓名。", "The name."))],
    email: Annotated[
        str | None, typer.Option(help=both("通知用的电子邮箱。", "The e-mail address for notices."))
    ] = None,
    reads: Annotated[
        str, typer.Option(metavar="zh|en", help=both("通知的语言。", "The language of notices."))
    ] = "zh",
    role: Annotated[str | None, typer.Option(help=ROLES)] = None,
    of: OfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Enter one person."""
    roles = [] if role is None else [{"role": role, "of": of or ""}]
    entry = {"name": name, "email": email, "language": reads, "roles": roles}
    _enter(reply, database, party_file.roll_of({"people": {handle: entry}}))


@command(
    app,
    "role",
    "授予角色；给出 --until 时使其到该日为止。",
    "Give a person a role; with --until let it end with that day.",
    """
    beian party role zhang member --of 12100000400000624D
    beian party role e1 expert --of yueyang --employer 12100000400000624D --field 生物医药
    beian party role e1 expert --of yueyang --tie 91350100M000100Y43
    beian party role e1 expert --of yueyang --no-ties
    beian party role chen city_officer --of yueyang --until 2026-12-31
    beian party role chen city_officer --of yueyang --supervisor gao
    beian party role zhang applicant --of 91350100M000100Y43 --manages
    """,
)
def role(
    reply: Reply,
    handle: HandleArgument,
    name: Annotated[str, typer.Argument(metavar="ROLE", help=ROLES)],
    of: OfOption = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DAY", help=both("起始日，默认今天。", "The first day, today by default.")
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help=both("最后一日。", "The last day."))
    ] = None,
    employer: Annotated[
        str | None,
        typer.Option(metavar="USCC", help=both("专家的工作单位。", "An expert's employer.")),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(help=both("专家的领域，可重复。", "An expert's field, may be repeated.")),
    ] = None,
    tie: Annotated[
        list[str] | None,
        typer.Option(
            metavar="USCC|DIGEST",
            help=both(
                "专家的利害关系，可重复：单位的信用代码，或人员证件号码的摘要；以此次所填为准。",
                "What an expert is tied to, may be repeated: units by credit code, people by the digest of "
                "their ID number; replaces what was put down.",
            ),
        ),
    ] = None,
    no_ties: Annotated[
        bool,
        typer.Option(
            "--no-ties",
            help=both("专家不再有利害关系，此前所填作废。", "An expert is tied to nothing any more."),
        ),
    ] = False,
    supervisor: Annotated[
        str | None,
        typer.Option(
            metavar="HANDLE",
            help=both("同一单位内的主管人员。", "Who supervises them, of the same unit."),
        ),
    ] = None,
    manages: Annotated[
        bool | None,
        typer.Option(
            "--manages/--no-manages",
            help=both(
                "由其邀请、管理本单位人员；限申报单位和成员单位的人员。",
                "They invite and see to the people of their unit; for applicants and members.",
            ),
        ),
    ] = None,
    as_handle: AsOption = None,
    database: DatabaseOption = None,
) -> None:
    """Give one role."""
    asked = {"role": name, "of": of or "", "from": first, "until": until, "supervisor": supervisor}
    asked |= {} if manages is None else {"manages": manages}
    if no_ties and tie:
        raise Failure(
            ExitCode.USAGE,
            "given_twice",
            reply.say("--tie 和 --no-ties 只能给出一个。", "Give --tie or --no-ties, not both."),
        )
    of_expert = {"employer": employer, "fields": field or [], "ties": [] if no_ties else tie}
    entry = {"name": handle, "roles": [asked | of_expert]}
    given: RoleEntry = party_file.roll_of({"people": {handle: entry}}).people[handle].roles[0]
    with opened(reply, database) as engine, writing(engine) as connection:
        person_id = person_of(reply, connection, handle)
        today = day_of(clock.now(connection))
        by = None if as_handle is None else person_of(reply, connection, as_handle)
        party_file.give(connection, person_id, given, today, by)
        party_file.supervise(connection, person_id, given, today)
        held = next(each.roles for each in roster.people(connection) if each.handle == handle)
    reply.give(
        {"handle": handle, "roles": held},
        reply.say(f"{handle} 的角色：{_roles(reply, held)}", f"Roles of {handle}: {_roles(reply, held)}"),
    )


@command(
    app,
    "import",
    "从 YAML 文件登记推荐单位、单位、人员和角色；全部登记或全部不登记。",
    "Enter recommending units, organisations, people and roles from a YAML file; all or nothing.",
    """
    beian party import parties.yaml
    beian party import parties.yaml --json
    """,
)
def import_file(
    reply: Reply,
    file: Annotated[Path, typer.Argument(help=both("YAML 文件。", "The YAML file."))],
    as_handle: AsOption = None,
    database: DatabaseOption = None,
) -> None:
    """Enter a whole file: see `cli.party_file` for its form."""
    _enter(reply, database, party_file.read(file), as_handle)


@command(
    app,
    "list",
    "列出局、单位、人员和角色。",
    "List bureaus, organisations, people and roles.",
    """
    beian party list
    beian party list --json | jq -r '.people[].handle'
    """,
)
def list_parties(reply: Reply, database: DatabaseOption = None) -> None:
    """List everybody."""
    with opened(reply, database) as engine, reading(engine) as connection:
        data = _everybody(connection)
    shown = [
        reply.table(
            (
                reply.say("局", "Bureau"),
                reply.say("名称", "Name"),
                reply.say("类型", "Kind"),
                reply.say("所属", "Of"),
            ),
            (
                (
                    each.code,
                    reply.say(each.name_zh, each.name_en),
                    term("bureaus", each.kind, reply.language) or reply.say("市局", "city bureau"),
                    each.of,
                )
                for each in data["bureaus"]
            ),
        ),
        reply.table(
            (
                reply.say("统一社会信用代码", "USCC"),
                reply.say("单位", "Organisation"),
                reply.say("类型", "Kind"),
                reply.say("推荐单位", "District"),
            ),
            (
                (each.uscc, each.name, term("organisations", each.kind, reply.language), each.district)
                for each in data["organisations"]
            ),
        ),
        reply.table(
            (reply.say("账号", "Handle"), reply.say("姓名", "Name"), reply.say("角色", "Roles")),
            ((each.handle, each.name, _roles(reply, each.roles)) for each in data["people"]),
        ),
    ]
    reply.give(data, shown[0], "", shown[1], "", shown[2])


def _enter(reply: Reply, database: str | None, roll: Roll, as_handle: str | None = None) -> None:
    with (
        set_up(reply, database) as engine,
        writing(engine) as connection,
        reply.working("正在登记……", "Entering…"),
    ):
        by = None if as_handle is None else person_of(reply, connection, as_handle)
        entered: Entered = party_file.enter(connection, roll, day_of(clock.now(connection)), by)
    reply.give(
        entered,
        reply.say(
            f"已登记：推荐单位 {entered.bureaus}，单位 {entered.organisations}，"
            f"人员 {entered.people}，角色 {entered.roles}；原已登记 {entered.known}。",
            f"Entered: {entered.bureaus} recommending units, {entered.organisations} organisations, "
            f"{entered.people} people, {entered.roles} roles; {entered.known} were there already.",
        ),
    )


def _everybody(connection: Connection) -> dict[str, Any]:
    return {
        "bureaus": roster.bureaus(connection),
        "organisations": roster.organisations(connection),
        "people": roster.people(connection),
    }


def _roles(reply: Reply, held: tuple[HeldRole, ...]) -> str:
    told: list[str] = []
    for each in held:
        until = "" if each.valid_to is None else reply.say(f"，至{each.valid_to}", f" until {each.valid_to}")
        if each.supervisor is not None:
            until += reply.say(f"，主管{each.supervisor}", f", supervised by {each.supervisor}")
        told.append(f"{each.role}@{each.of}{until}")
    return reply.say("；", "; ").join(told)
