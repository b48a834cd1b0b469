"""What was not done, for programs (RFC 9457): a name, the facts, and the words in both languages."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from casework import wording
from casework.acts import Busy
from casework.documents import FolderUnusable
from casework.standing import Standing
from casework.terms import term
from models.database import DatabaseUnusable
from procedure.act import Refusal
from procedure.fault import Fault

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final = {
    "not_found": 404,
    "no_seat": 403,
    "no_such_achievement": 404,
    "no_such_role": 403,
    "not_the_substitute": 403,
    "not_yours": 403,
    "role_may_not": 403,
    "stale_version": 412,
    "unknown_act": 404,
    "bad_key": 422,
    "bad_fields": 422,
    "bad_particulars": 422,
}
"""The status of a refusal where it is not 409: the record as it stands does not allow it."""

WORDS: Final = {
    400: ("请求格式不对。", "The request is malformed."),
    401: ("没有有效的令牌。", "There is no valid token."),
    403: ("这个令牌不能办理。", "This token may not do that."),
    404: ("没有这一项，或不对您开放。", "There is no such thing, or it is not open to you."),
    405: ("这个地址不支持这种请求。", "The address does not take this kind of request."),
    409: ("按现在的记录不能办理。", "As the record stands this cannot be done."),
    412: ("内容已经变动，请重新读取。", "It has changed meanwhile: read it again."),
    413: ("内容太大。", "That is too large."),
    415: ("不支持这种内容类型。", "This kind of content is not taken."),
    422: ("填写有误。", "What was given is not right."),
    428: ("请用 If-Match 说明所依据的版本。", "Say with If-Match which version you looked at."),
    429: ("请求太频繁，请稍候。", "Too many requests: wait a moment."),
    500: ("系统出错。", "Something went wrong here."),
    503: ("暂时无法办理，请稍后再试。", "It cannot be done at present: try again."),
}


class Both(BaseModel):
    """The same in Chinese and in English."""

    zh: str
    en: str


class Problem(BaseModel):
    """What was not done and why; ``facts`` are for programs, the rest for people."""

    type: str
    status: int
    code: str
    title: Both
    details: list[Both] = []
    next_step: Both | None = None
    clause: Both | None = None
    facts: dict[str, Any] = {}


class ProblemError(Exception):
    """An answer that is a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def plain(status: int, code: str, **facts: Any) -> ProblemError:
    """Return a problem that no procedure knows; facts that are faults are told in both languages."""
    zh, en = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    faults = [fact for fact in facts.values() if isinstance(fact, Fault)]
    details = [Both(zh=each.of("zh"), en=each.of("en")) for each in faults]
    return ProblemError(
        Problem(
            type=_type(code), status=status, code=code, title=Both(zh=zh, en=en), details=details, facts=facts
        )
    )


def refused(refusal: Refusal, stands: Standing | None = None) -> ProblemError:
    """Return a refusal as a problem, in the words of its procedure."""
    zh, en = (
        wording.word(refusal, language)
        if stands is None
        else wording.word(refusal, language, stands.procedure, stands.subject)
        for language in ("zh", "en")
    )
    clauses = (zh.clause, en.clause)
    return ProblemError(
        Problem(
            type=_type(refusal.code),
            status=STATUS.get(refusal.code, 409),
            code=refusal.code,
            title=Both(zh=zh.says, en=en.says),
            details=[Both(zh=each, en=other) for each, other in zip(zh.details, en.details, strict=True)],
            next_step=Both(zh=zh.next_step, en=en.next_step),
            clause=None if None in clauses else Both(zh=str(zh.clause), en=str(en.clause)),
            facts=dict(refusal.facts),
        )
    )


def answered(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of the problems that a route answers with, besides those of every route."""
    return {
        status: {
            "description": WORDS[status][1],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({400, 401, 403, 404, 422, 429, 503, *statuses})
    }


def both(section: str, name: str) -> Both:
    """Return a term in both languages."""
    return Both(zh=term(section, name, "zh"), en=term(section, name, "en"))


def response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    headers = {"Retry-After": "60"} if problem.status in (429, 503) else {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="beian"'
    return JSONResponse(
        problem.model_dump(mode="json"), problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem."""

    def known(_: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)  # noqa: S101 - the only kind it is installed for
        return response(error.problem)

    def of_http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return response(plain(status, f"http_{status}").problem)

    def mistyped(_: Request, error: Exception) -> Response:
        wrong = error.errors() if isinstance(error, RequestValidationError) else []
        problems = [
            {"field": ".".join(str(at) for at in each["loc"]), "problem": each["msg"]} for each in wrong
        ]
        return response(plain(422, "bad_request", problems=problems).problem)

    def unusable(_: Request, error: Exception) -> Response:
        logger.error("%s: %s", type(error).__name__, error)
        return response(plain(503, "unusable").problem)

    def unkept(_: Request, error: Exception) -> Response:
        # PostgreSQL keeps no text with a NUL in it, wherever in a request it stands.
        logger.warning("a request with what no database keeps", exc_info=error)
        return response(plain(422, "unusable_text").problem)

    def unexpected(_: Request, __: Exception) -> Response:
        return response(plain(500, "unexpected").problem)

    handlers: dict[type[Exception], Callable[[Request, Exception], Response | Awaitable[Response]]] = {
        ProblemError: known,
        HTTPException: of_http,
        RequestValidationError: mistyped,
        DatabaseUnusable: unusable,
        FolderUnusable: unusable,
        Busy: unusable,
        DataError: unkept,
        Exception: unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _type(code: str) -> str:
    return f"urn:beian:problem:{code}"
