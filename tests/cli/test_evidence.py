"""Evidence of an objection from the terminal: its file is stored, and its digest stands in the record."""

import hashlib
from pathlib import Path

from sqlalchemy import Engine

from tests.casework.published_call import city
from tests.cli.terminal import Terminal

CASE = "YY2025-0001"


def test_evidence_is_stored_and_its_digest_is_in_the_record(story_engine: Engine, tmp_path: Path) -> None:
    city(story_engine, points=("95", "85")).publish("2025-09-26T10:00").at("2025-09-29T10:00")
    url = story_engine.url.render_as_string(hide_password=False)
    terminal = Terminal(url, tmp_path, {"BEIAN_FOLDER": str(tmp_path / "data")})
    one, other = b"%PDF-1.7 one", b"\x89PNG\r\n\x1a\n other"
    (tmp_path / "one.pdf").write_bytes(one)
    (tmp_path / "other.png").write_bytes(other)
    files = ("--file", f"evidence={tmp_path / 'one.pdf'}", "--file", f"evidence={tmp_path / 'other.png'}")
    lodge = ("case", "act", CASE, "lodge_objection", "--data", "text=不实", "--data", "objector=李某")
    assert terminal.data(*lodge, *files, "--as", "officer")["stage"] == "objection"
    last = terminal.data("case", "history", CASE)[-1]
    digests = [hashlib.sha256(content).hexdigest() for content in (one, other)]
    assert last["data"]["evidence"] == [
        {"digest": digests[0], "name": "one.pdf"},
        {"digest": digests[1], "name": "other.png"},
    ]
    stored = {path.name for path in tmp_path.rglob("files/*/*")}
    if story_engine.dialect.name == "postgresql":
        assert stored == set(digests)
    assert terminal.data("audit", "verify")["sound"] is True
