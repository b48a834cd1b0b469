"""What is wrong with a pack before anybody uses it: the proofs and the texts, each flaw with its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from notifications import rendering
from procedure import shape
from procedure.check import check
from procedure.definition import Procedure
from procedure.pack import NOTICE_VARIABLES, Pack
from procedure.proofs.flaw import Flaw
from procedure.sentence import Sentence
from procedure.texts import Texts


@dataclass(frozen=True, slots=True)
class Placed:
    """A flaw and where it stands: file, and line from 1."""

    flaw: Flaw
    file: str
    line: int

    def text(self, language: str) -> str:
        """Return place and flaw in words."""
        return f"{self.file}:{self.line}: {self.flaw.text(language)}"


def placed(pack: Pack) -> tuple[Placed, ...]:
    """Return every flaw and remark of the proofs and of the texts, with its place."""
    texts = Texts.of(pack.files)
    found: list[Placed] = []
    for flaw in (*check(pack.procedure), *text_flaws(pack.procedure)):
        file, line, _ = texts.place(shape.undotted(flaw.where))
        found.append(Placed(flaw, file, line))
    return tuple(found)


def text_flaws(procedure: Procedure) -> Iterator[Flaw]:
    """Yield every reason why a text of the pack could not be filled in when a notice is sent."""
    for flaw in rendering.check(procedure.texts, NOTICE_VARIABLES):
        zh, en = f"第{flaw.line}行", f"line {flaw.line}"
        if flaw.column is not None:
            zh, en = f"{zh}第{flaw.column}字", f"{en}, column {flaw.column}"
        yield Flaw(
            "text_cannot_be_filled_in",
            f"notices.{flaw.text}.{flaw.language}.{flaw.part}",
            Sentence(f"{zh}：{flaw.problem.of('zh')}", f"{en}: {flaw.problem}"),
            Sentence(
                f"文本可用的变量：{'、'.join(sorted(NOTICE_VARIABLES))}",
                f"A text may say: {', '.join(sorted(NOTICE_VARIABLES))}",
            ),
        )
