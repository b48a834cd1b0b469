"""`beian register targets`: aims and reported figures of every city, with their sources."""

from tests.cli.terminal import Terminal


def test_every_city_is_told_with_its_source(terminal: Terminal) -> None:
    told = {each["bureau"]: each for each in terminal.data("register", "targets", "--language", "en")}
    assert sorted(told) == ["kunshan", "qingdao", "xiamen", "yueyang"]
    first = told["kunshan"]["targets"][0]
    assert (first["number"], first["by"], first["total"]) == (50, 2025, 0)
    assert first["source"] == "Opinions on building innovation consortia in Kunshan, 2"
    assert told["qingdao"]["targets"][0]["about"] is True
    assert [(each["figure"], each["number"], each["derived"]) for each in told["xiamen"]["reported"]] == [
        ("formed", 11, False),
        ("led", 4, False),
        ("joined", 16, False),
        ("proposed", 18, True),
    ]
    lines = terminal.ok("register", "targets", "--bureau", "xiamen").splitlines()
    assert lines[0] == "厦门市创新联合体建设情况（据报道）"
    assert lines[-2].split()[-3:] == ["2024", "18", "推算，非原文所载"]


def test_recording_is_refused_in_words(terminal: Terminal) -> None:
    command = (
        "register",
        "achieve",
        "YYLHT-2024-001",
        "projects",
        "甲",
        "--on",
        "2024-07-01",
        "--source",
        "x",
    )
    answer = terminal.run(*command, "--as", "chen", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (3, "no_such_entry")
    answer = terminal.run("register", "strike", "7", "--reason", "误登", "--as", "chen", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (3, "no_such_achievement")
    assert terminal.data("register", "achievements", "yueyang") == []
