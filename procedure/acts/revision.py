"""A whole call moved to another revision: what each of its subjects recorded keeps its meaning."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pendulum

from procedure.acts.act_type import evolves
from procedure.subject import Application


@evolves("revision_changed")
def _revision_changed(record: Any, data: dict[str, Any], at: pendulum.DateTime) -> Any:
    """Let what was recorded at a stage that is called otherwise now bear its new name."""
    stages: Mapping[str, str] = data.get("stages", {})
    if not stages or not isinstance(record, Application):
        return record
    return replace(
        record,
        scores=tuple(replace(each, stage=stages.get(each.stage, each.stage)) for each in record.scores),
        means={stages.get(stage, stage): mean for stage, mean in record.means.items()},
        returns=tuple(replace(each, stage=stages.get(each.stage, each.stage)) for each in record.returns),
    )
