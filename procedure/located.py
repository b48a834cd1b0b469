"""YAML read into plain data that remembers on which line everything stands."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, Event, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from procedure.fault import Fault
from procedure.quick_yaml import quick

Path = tuple[str | int, ...]

LONGEST: Final = 1_000_000
"""The most characters a YAML file may have."""

_TAG: Final = "tag:yaml.org,2002:"
_DEEPEST: Final = 100
_READ_DIFFERENTLY: Final = re.compile(r"[\t\x85\u2028\u2029\ufeff]|^%|[|>][-+0-9]*#", re.MULTILINE)
"""What the YAML parser in C takes otherwise than the one in Python, or lets pass."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something wrong in a text: where, and what."""

    line: int
    path: Path
    message: Fault


@dataclass(slots=True)
class Located:
    """What a YAML text says as plain data (dict, list, str, int, float, bool, None), and where.

    ``lines`` gives the line of each path, counted from 1. Dates stay text. With ``complaints`` the data is
    incomplete.
    """

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of ``path``, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Located:
    """Read one YAML document; what is wrong with it stands in ``complaints``, and nothing is raised.

    Duplicate keys, anchors, aliases and tags are refused: a pack says each thing once, where it stands.
    """
    located = Located()
    if len(text) > LONGEST:
        located.complaints.append(Complaint(1, (), Fault("file_too_long", length=len(text), most=LONGEST)))
        return located
    try:
        node = _composed(text)
        located.data = None if node is None else _plain(node, (), located)
    except RecursionError:
        located.complaints.append(Complaint(1, (), Fault("nested_too_deeply")))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        located.complaints.append(Complaint(line, (), Fault("not_yaml", says=error.problem or error.context)))
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        unfit = Fault("control_character", character=f"U+{error.character:04X}")
        located.complaints.append(Complaint(line, (), Fault("not_yaml", says=unfit)))
    except YAMLError as error:
        located.complaints.append(Complaint(1, (), Fault("not_yaml", says=str(error))))
    return located


def _composed(text: str) -> Node | None:
    """Return the document's node, by the parser in C where it reads as the one in Python does: much faster.

    What it refuses is read again: the other's words are the ones people are told.
    """
    if not _READ_DIFFERENTLY.search(text):
        reader = quick()
        try:
            if _is_plain(reader.parse(text)):
                return reader.compose(text)
        except (YAMLError, UnicodeEncodeError):
            pass
    return YAML(typ="safe", pure=True).compose(text)


def _is_plain(events: Iterable[Event]) -> bool:
    """Return whether a text has no anchors and tags, and no depths in which composing in C would crash."""
    depth = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        marked = isinstance(event, NodeEvent) and (event.anchor is not None or getattr(event, "tag", None))
        if depth > _DEEPEST or marked:
            return False
    return True


def _plain(node: Node, path: Path, located: Located) -> Any:
    line = node.start_mark.line + 1
    located.lines.setdefault(path, line)
    if node.anchor is not None:
        located.complaints.append(Complaint(line, path, Fault("anchor", anchor=node.anchor)))
        return None
    if isinstance(node, MappingNode):
        return _mapping(node, path, located)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, i), located) for i, item in enumerate(node.value)]
    return _scalar(node, path, located)


def _mapping(node: MappingNode, path: Path, located: Located) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            located.complaints.append(Complaint(line, path, Fault("key_is_no_word")))
            continue
        key = str(key_node.value)
        if key in data:
            first = located.lines[*path, key]
            fault = Fault("key_twice", key=key, first=first)
            located.complaints.append(Complaint(line, (*path, key), fault))
            continue
        located.lines[*path, key] = line
        data[key] = _plain(value_node, (*path, key), located)
    return data


def _scalar(node: Node, path: Path, located: Located) -> Any:
    tag, value = str(node.tag).removeprefix(_TAG), str(node.value)
    if tag == "null":
        return None
    if tag == "bool" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if tag == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,17})", value):
        return int(value)
    fault = None
    if tag == "int":
        fault = Fault("no_plain_number", value=shortened(value))
    elif tag == "float":
        fault = Fault("decimal_number", value=shortened(value))
    elif tag not in ("str", "timestamp", "bool"):
        fault = Fault("tag", tag=tag)
    elif unfit := next(
        (c for c in value if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"), None
    ):
        fault = Fault("control_character_within", character=f"U+{ord(unfit):04X}")
    if fault is not None:
        located.complaints.append(Complaint(node.start_mark.line + 1, path, fault))
    return value


def shortened(value: object, longest: int = 60) -> str:
    """Return ``value`` as text of at most ``longest`` characters, for messages."""
    text = str(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
