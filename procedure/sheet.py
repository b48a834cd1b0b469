"""A YAML sheet of the catalogue, read into its model whole, or refused with everything that is wrong."""

from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from procedure import located, shape
from procedure.definition import Model, SourceDocument, grounds
from procedure.fault import Fault, unknown
from procedure.pack import PackError, Problem, file_text

Content = TypeVar("Content", bound=Model)


def content(name: str, text: str, model: type[Content]) -> Content:
    """Return what ``text`` says; raises PackError with all that is wrong, under the file's ``name``."""
    said = located.read(text)
    problems = [Problem(name, each.line, shape.dotted(each.path), each.message) for each in said.complaints]
    if not problems and not isinstance(said.data, dict):
        problems.append(Problem(name, 1, "", Fault("expected_mapping")))
    if problems:
        raise PackError(problems)
    try:
        return model.model_validate_json(dumps(said.data))
    except ValidationError as error:
        found = shape.complaints(error, said.data, model)
        raise PackError(
            [Problem(name, said.line(path), shape.dotted(path), message) for path, message in found]
        ) from None


def codes(folder: Path) -> tuple[str, ...]:
    """Return the codes of the sheets that ship in a folder of the catalogue."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def shipped(folder: Path, code: str, what: str) -> tuple[str, str]:
    """Return the file name and the text of the sheet that ships as ``code``; PackError when there is none."""
    known = codes(folder)
    if code not in known:
        raise PackError([Problem(code, None, "", Fault("none_ship", what=what, known=known))])
    path = folder / f"{code}.yaml"
    return path.name, file_text(path)


def unknown_documents(sheet: Model, documents: dict[str, SourceDocument]) -> Iterator[tuple[str, Fault]]:
    """Yield where a clause names a document that the sheet does not list."""
    for path, thing in grounds(sheet):
        if thing.clause is not None and thing.clause.document not in documents:
            yield f"{path}.clause.document", unknown("document", thing.clause.document, documents)
