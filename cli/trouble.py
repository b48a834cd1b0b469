"""Troubles that come from below, as failures of the command with words for people."""

import re
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from casework import wording
from casework.access import CITY_ROLES, NoSuchRole, NotTheirRole
from casework.acts import Busy
from casework.audit import BadAnchor
from casework.documents import EmptyFile, FolderUnusable
from casework.incidents import UnknownIncident
from casework.parties import OutsideTheUnit, UnknownParty
from casework.pool import NoExpert
from casework.retrying import NotRetriable
from casework.terms import term
from casework.wording import Wording
from cli.failure import ExitCode, Failure
from cli.party_file import EnteredOtherwise, NoOneCity, PartyError
from cli.reply import Reply
from models.database import DatabaseUnusable
from procedure.act import Refusal
from procedure.definition import Procedure
from procedure.fault import fault_of
from procedure.pack import PackError
from procedure.subject import Subject
from procedure.uscc import InvalidUscc
from procedure.working_days import ArrangementError

NOT_FOUND: Final = frozenset(
    {
        "not_found",
        "unknown_district",
        "unknown_person",
        "no_such_delegation",
        "no_such_entry",
        "no_such_achievement",
    }
)
"""The refusals that say that what was named does not exist."""


def refused(
    refusal: Refusal, reply: Reply, procedure: Procedure | None = None, subject: Subject | None = None
) -> Failure:
    """Return a refusal as the failure of a command."""
    said = wording.word(refusal, reply.language, procedure, subject)
    code = ExitCode.NOT_FOUND if refusal.code in NOT_FOUND else ExitCode.REFUSED
    return _failure(code, said, refusal)


def worded(error: Exception, reply: Reply) -> Failure | None:
    """Return an error from below as the failure of a command; None for one that nobody expected."""
    if isinstance(error, DatabaseUnusable):
        return _failure(ExitCode.DATABASE, wording.unusable(error, reply.language))
    if isinstance(error, PackError):
        return Failure(
            ExitCode.USAGE,
            "bad_pack",
            reply.say("程序包有误：", "The pack is malformed:"),
            reply.say("请按所列位置更正。", "Correct it where the lines say."),
            tuple(problem.of(reply.language) for problem in error.problems),
        )
    if isinstance(error, (PartyError, EnteredOtherwise, NoOneCity, OutsideTheUnit, UnknownParty)):
        return _of_parties(error, reply)
    if isinstance(error, ArrangementError):
        return Failure(
            ExitCode.USAGE,
            "bad_arrangement",
            reply.say("放假安排不能导入：", "The holiday arrangement cannot be imported:"),
            reply.say("请更正后再导入；未作任何改动。", "Correct it and import again; nothing was changed."),
            tuple(fault_of(error).of(reply.language).splitlines()),
        )
    if isinstance(error, NoExpert):
        return Failure(
            ExitCode.REFUSED,
            "nothing_to_change",
            reply.say("专家库中没有可以这样变动的专家。", "The pool has no such expert to change."),
            reply.say("请核对；未作任何改动。", "Check it; nothing was changed."),
        )
    if isinstance(error, IntegrityError):
        return Failure(
            ExitCode.REFUSED,
            "contradiction",
            reply.say("这与数据库中已有的内容矛盾。", "This contradicts what the database holds."),
            reply.say("请核对后再试；未作任何改动。", "Check it and try again; nothing was changed."),
            (str(error.orig).splitlines()[0],),
        )
    if isinstance(error, DBAPIError):
        return Failure(
            ExitCode.DATABASE,
            "database_error",
            reply.say("数据库出错。", "The database failed."),
            reply.say(
                "请检查数据库是否属于备案系统；未作任何改动。",
                "Check that the database is Beian's own; nothing was changed.",
            ),
            (str(error.orig).splitlines()[0],),
        )
    if isinstance(error, (NoSuchRole, NotTheirRole, UnknownIncident, NotRetriable)):
        return _of_operations(error, reply)
    if isinstance(error, Busy):
        return Failure(
            ExitCode.BUSY,
            "busy",
            reply.say("他人正在同时办理同一办件。", "Others act on the same case at the same time."),
            reply.say("请再试一次。", "Try again."),
        )
    if isinstance(error, (OSError, BadAnchor, EmptyFile, InvalidUscc)):
        return _of_input(error, reply)
    return None


def _of_input(error: Exception, reply: Reply) -> Failure:
    said: tuple[ExitCode, str, str, str]
    match error:
        case BadAnchor():
            said = (ExitCode.USAGE, "bad_anchor", "锚定文件不能使用。", "The anchor file cannot be used.")
        case EmptyFile():
            said = (ExitCode.USAGE, "empty_file", "文件是空的。", "The file is empty.")
        case InvalidUscc():
            said = (
                ExitCode.USAGE,
                "invalid_uscc",
                "统一社会信用代码有误。",
                "The unified social credit code is not right.",
            )
        case FolderUnusable():
            said = (ExitCode.FILE, "folder_unusable", "文件不能保存。", "The file cannot be stored.")
        case _:
            said = (
                ExitCode.FILE,
                "file_unusable",
                "文件或文件夹不能读写。",
                "A file or folder cannot be used.",
            )
    exit_code, code, zh, en = said
    return Failure(
        exit_code,
        code,
        reply.say(zh, en),
        reply.say("请检查后再试；未作任何改动。", "Check it and try again; nothing was changed."),
        tuple(_told(error, reply.language).split("; ")),
    )


def _told(error: Exception, language: str) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return fault_of(error).of(language)


def _of_parties(error: Exception, reply: Reply) -> Failure:
    nothing = reply.say(
        "请更正后再登记；未作任何改动。", "Correct it and enter it again; nothing was changed."
    )
    match error:
        case PartyError():
            says = reply.say("所登记的内容有误：", "What is to be entered is not right:")
            details = tuple(problem.of(reply.language) for problem in error.problems)
            return Failure(ExitCode.USAGE, "bad_parties", says, nothing, details)
        case EnteredOtherwise():
            return Failure(
                ExitCode.REFUSED,
                "entered_otherwise",
                reply.say("以下内容已登记，且与所给的不同：", "This is entered already, and otherwise:"),
                nothing,
                tuple(f"{path}: {known}" for path, known in error.found),
            )
        case OutsideTheUnit():
            return Failure(
                ExitCode.REFUSED,
                "outside_the_unit",
                reply.say("主管人员应属于同一单位。", "A supervisor belongs to the unit of the role."),
                nothing,
            )
        case NoOneCity():
            cities = ", ".join(error.cities)
            return Failure(
                ExitCode.USAGE,
                "which_city",
                reply.say("请说明属于哪个市局。", "Say which city bureau it belongs to.")
                if cities
                else reply.say("还没有登记市局。", "No city bureau is entered yet."),
                reply.say(f"现有市局：{cities}（--of）。", f"City bureaus: {cities} (--of).")
                if cities
                else reply.say(
                    "发布程序包时登记市局：beian procedure publish 代码。",
                    "Publishing a pack enters its city bureau: beian procedure publish CODE.",
                ),
            )
        case _:
            return Failure(ExitCode.NOT_FOUND, "unknown_party", _unknown_party(str(error), reply), nothing)


def _of_operations(error: Exception, reply: Reply) -> Failure:
    match error:
        case UnknownIncident():
            return Failure(
                ExitCode.NOT_FOUND,
                "unknown_incident",
                reply.say(
                    f"没有编号为 {error.incident} 的异常，或此人不能查看。",
                    f"There is no incident {error.incident}, or this person may not see it.",
                ),
                reply.say("现有的见 beian incident list。", "For those there are: beian incident list."),
            )
        case NotRetriable():
            kind = term("incidents", error.kind, reply.language)
            return Failure(
                ExitCode.REFUSED,
                "not_retriable",
                reply.say(
                    f"异常 {error.incident}（{kind}）没有可以重试的办件。",
                    f"Incident {error.incident} ({kind}) has no cases to try again.",
                ),
                reply.say(
                    "原因消除后，值守会自行解除它。",
                    "Once its cause is gone, the watch resolves it by itself.",
                ),
            )
        case NoSuchRole():
            role = term("roles", error.role, reply.language)
            return Failure(
                ExitCode.REFUSED,
                "no_such_role",
                reply.say(f"此人目前不具有“{role}”角色。", f"The person does not hold the role {role} now."),
                reply.say("请改用其现有角色。", "Use a role that the person holds."),
            )
        case _:
            roles = [term("roles", role, reply.language) for role in CITY_ROLES]
            return Failure(
                ExitCode.REFUSED,
                "role_may_not",
                reply.say("此角色不能这样做。", "This role may not do this."),
                reply.say(f"请由{'、'.join(roles)}办理。", f"It is for: {', '.join(roles)}."),
            )


def _unknown_party(message: str, reply: Reply) -> str:
    found = re.fullmatch(r"no (\w+) with (\w+) '(.*)'", message, re.DOTALL)
    what = {"bureau": "局", "organisation": "单位", "person": "人员"}
    by = {"code": "代码", "uscc": "统一社会信用代码", "handle": "账号"}
    if found is None or reply.language == "en":
        return f"{message[:1].upper()}{message[1:]}."
    return f"没有{by[found[2]]}为“{found[3]}”的{what[found[1]]}。"


def _failure(code: ExitCode, said: Wording, refusal: Refusal | None = None) -> Failure:
    return Failure(
        code,
        said.code,
        said.says,
        said.next_step,
        said.details,
        said.clause,
        tuple((offer.act, offer.title, offer.roles) for offer in said.offers),
        {} if refusal is None else refusal.facts,
    )
