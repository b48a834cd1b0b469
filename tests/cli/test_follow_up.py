"""Follow-ups at the terminal: planned until a day, recorded once, and told with the consortium."""

from tests.casework.city import City
from tests.cli.terminal import Terminal
from tests.cli.test_evaluation_targets import city, terminal

__all__ = ["city", "terminal"]


def test_a_follow_up_is_planned_recorded_and_told(city: City, terminal: Terminal) -> None:
    [number] = [row["number"] for row in city.rows("register_entries")]

    def refused(*arguments: str) -> str:
        before = city.everything()
        answer = terminal.run("consortium", "follow-up", number, *arguments, "--as", "chen", "--json")
        assert answer.code != 0
        assert city.everything() == before
        return str(answer.json["error"]["code"])

    assert refused("--on", "2024-09-02") == "plan_or_record"
    assert refused("--on", "2024-08-04", "--topic", "中试线") == "time_behind"
    assert refused("--on", "2024-08-05", "--findings", "设备到位") == "no_follow_up"
    terminal.ok("consortium", "follow-up", number, "--on", "2024-09-02", "--topic", "中试线", "--as", "chen")
    assert refused("--on", "2024-10-08", "--topic", "样机") == "follow_up_open"
    assert refused("--on", "2024-08-06", "--findings", "设备到位") == "time_ahead"
    city.at("2024-09-02T09:00")
    told = ("--findings", "设备到位", "--difficulties", "用地未落实")
    terminal.ok("consortium", "follow-up", number, "--on", "2024-08-30", *told, "--as", "chen")
    assert terminal.data("consortium", "show", number)["follow_ups"] == [
        {
            "number": 1,
            "topic": "中试线",
            "planned_for": "2024-09-02",
            "held_on": "2024-08-30",
            "findings": "设备到位",
            "difficulties": "用地未落实",
        }
    ]
    assert "跟踪1：中试线，最迟2024年9月2日，2024年8月30日了解：设备到位；用地未落实" in "".join(
        terminal.ok("consortium", "show", number).splitlines()
    )
