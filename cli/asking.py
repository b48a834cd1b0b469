"""Asking a portal elsewhere through its interface: one request at a time, its problems as failures."""

from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx

from cli.acting import particulars
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from procedure import written
from procedure.instant import instant

_reached: ContextVar[tuple[str, str]] = ContextVar("reached")

CODES: Final = {401: ExitCode.USAGE, 403: ExitCode.REFUSED, 404: ExitCode.NOT_FOUND, 503: ExitCode.BUSY}


def reach(server: str, token: str | None) -> None:
    """Say which portal the commands ask, and with which token."""
    _reached.set((server.rstrip("/"), token or ""))


def pages(reply: Reply, path: str, name: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a list has under ``name``, page after page."""
    asked = {key: value for key, value in query.items() if value not in (None, "")} | {"limit": 500}
    found: list[dict[str, Any]] = []
    while True:
        page = ask(reply, "GET", path, params=asked).json()
        found += page[name]
        if page["next"] is None:
            return found
        asked["after"] = page["next"]


def ask(reply: Reply, method: str, path: str, **more: Any) -> httpx.Response:
    """Return the answer to one request; raises Failure for a problem, in its own words."""
    server, token = _reached.get()
    headers = {**more.pop("headers", {}), "Authorization": f"Bearer {token}"}
    address = f"{server}/api/v1{path}"
    try:
        answer = httpx.request(method, address, headers=headers, timeout=60, **more)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(
            ExitCode.SERVER,
            "no_server",
            reply.say(f"{server} 没有应答：{error}", f"{server} does not answer: {error}"),
        ) from None
    if answer.is_success:
        return answer
    raise _failure(reply, answer)


def do_act(
    reply: Reply, path: str, act: str, data: list[str] | None, key: str | None, version: int | None
) -> None:
    """Do one act on what is at ``path``, and show its receipt."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    told = particulars(reply, act, data or [])
    receipt = ask(reply, "POST", f"{path}/acts/{quote(act, safe='')}", json=told, headers=headers).json()
    place, at = receipt["outcome"] or receipt["stage"], when(reply, receipt["at"])
    reply.give(receipt, reply.say(f"已办理（{at}）：{place}", f"Done ({at}): {place}"))


def content_of(reply: Reply, file: Path) -> bytes:
    """Return what a file of this machine holds; raises Failure where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(
            ExitCode.FILE,
            "file_unusable",
            reply.say(f"不能读取 {file}：{error.strerror}。", f"Cannot read {file}: {error.strerror}."),
        ) from None


def _failure(reply: Reply, answer: httpx.Response) -> Failure:
    if answer.headers.get("content-type") != "application/problem+json":
        says = reply.say(f"应答是 {answer.status_code}。", f"The answer is {answer.status_code}.")
        return Failure(ExitCode.SERVER, "no_problem", says)
    problem, language = answer.json(), reply.language
    return Failure(
        CODES.get(answer.status_code, ExitCode.REFUSED),
        problem["code"],
        problem["title"][language],
        (problem["next_step"] or {}).get(language, ""),
        tuple(each[language] for each in problem["details"]),
        (problem["clause"] or {}).get(language),
        facts=problem["facts"],
    )


def when(reply: Reply, at: str) -> str:
    """Return an instant of an answer as people write it."""
    return written.when(instant(at), reply.language)
