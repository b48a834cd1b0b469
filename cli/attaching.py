"""Files given to an act from the command line: looked into, stored, and named in its particulars."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from casework import documents, file_kind, objecting
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.trouble import refused
from procedure.act import Refusal
from procedure.definition import Material, Procedure

ATTACH: Final = "attach_document"


def attached(
    reply: Reply,
    engine: Engine,
    folder: Path,
    procedure: Procedure,
    act: str,
    files: list[str],
    payload: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Store every file; return the particulars of each attachment, or of the one objection they support.

    All files are checked before one is stored.
    """
    if act not in (ATTACH, objecting.ACT):
        raise Failure(
            ExitCode.USAGE,
            "no_file_here",
            reply.say(
                f"--file 只用于 {ATTACH} 和 {objecting.ACT}。",
                f"--file belongs to {ATTACH} and {objecting.ACT} alone.",
            ),
        )
    evidence = {objecting.EVIDENCE.id: objecting.EVIDENCE}
    materials = evidence if act == objecting.ACT else procedure.material
    named = [_checked(reply, procedure, materials, each) for each in files]
    if act == objecting.ACT and any(material != objecting.EVIDENCE.id for material, _, _ in named):
        raise _unnamed(reply, materials, files[0])
    found: list[dict[str, Any]] = []
    for material, path, kind in named:
        with reply.working(f"正在保存 {path.name}……", f"Storing {path.name}…"), path.open("rb") as content:
            stored = documents.store(engine, folder, content)
        found.append(
            {
                "material": material,
                "digest": stored.digest,
                "name": path.name,
                "size": stored.size,
                "media_type": file_kind.MEDIA_TYPES[kind],
            }
        )
    if act == ATTACH:
        return [{**payload, **each} for each in found]
    files_named = [{"digest": each["digest"], "name": each["name"]} for each in found]
    return [{**payload, "evidence": [*payload.get("evidence", ()), *files_named]}]


def _checked(
    reply: Reply, procedure: Procedure, materials: Mapping[str, Material], given: str
) -> tuple[str, Path, str]:
    """Return material, path and kind of a file whose content is what its name says, or refuse it."""
    material, equals, name = given.partition("=")
    if not equals or not material or not name:
        raise _unnamed(reply, materials, given)
    path = Path(name)
    try:
        kind, size = file_kind.kind_of(path), path.stat().st_size
    except OSError as error:
        raise Failure(
            ExitCode.FILE,
            "file_unusable",
            reply.say(f"不能读取 {name}：{error.strerror}。", f"Cannot read {name}: {error.strerror}."),
        ) from None
    known = materials.get(material)
    if known is not None and size > known.max_megabytes * 1_000_000:
        facts = {"material": material, "size": size, "max_megabytes": known.max_megabytes}
        raise refused(Refusal("file_too_large", facts), reply, procedure)
    # A pack's own materials are looked into by the act; evidence is none of them.
    if known is objecting.EVIDENCE and kind is not None and kind not in known.formats:
        facts = {"material": material, "name": path.name, "formats": list(known.formats)}
        raise refused(Refusal("wrong_format", facts), reply, procedure)
    extension = path.suffix.lower().removeprefix(".")
    extension = {"jpeg": "jpg"}.get(extension, extension)
    if not size:
        raise _unusable(reply.say(f"{name} 是空文件。", f"{name} is empty."), reply)
    if extension not in file_kind.MEDIA_TYPES:
        kinds = list(file_kind.MEDIA_TYPES)
        raise _unusable(
            reply.say(
                f"{name} 不是可以上传的文件类型；可以是：{'、'.join(kinds)}。",
                f"{name} is of no kind that can be attached: {', '.join(kinds)}.",
            ),
            reply,
        )
    if kind != extension:
        named, found = extension.upper(), "" if kind is None else kind.upper()
        raise _unusable(
            reply.say(
                f"{name} 的内容不是 {named}{f'，而是 {found}' if found else ''}。",
                f"The content of {name} is not {named}{f' but {found}' if found else ''}.",
            ),
            reply,
        )
    return material, path, extension


def _unusable(message: str, reply: Reply) -> Failure:
    return Failure(
        ExitCode.USAGE, "content_is_otherwise", message, reply.say("请核对文件。", "Check the file.")
    )


def _unnamed(reply: Reply, materials: Mapping[str, Material], given: str) -> Failure:
    return Failure(
        ExitCode.USAGE,
        "bad_file",
        reply.say(f"--file 应写成 材料=路径：{given}", f"Write --file as MATERIAL=PATH: {given}"),
        reply.say(f"材料：{'、'.join(materials)}", f"The materials are: {', '.join(materials)}"),
    )
