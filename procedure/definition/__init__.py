"""What a procedure pack says, one noun a file: frozen models, validated from YAML by Pydantic.

Every rule, stage, deadline, material, date and named value carries where it comes from: either the
``clause`` of a source document with its modality, or ``basis: setting``. Never both, never neither.
"""

from procedure.definition.act_rule import RETURN, SETTING_OF_ACT, ActRule, Branch
from procedure.definition.application import FormField, Material
from procedure.definition.changing import Aspect, Changing
from procedure.definition.deadline import DeadlineRule, Due, Lapse
from procedure.definition.evaluating import Consequence, Content, Evaluating
from procedure.definition.filing import STATUS, Naming, Numbering, Validity
from procedure.definition.ground import Clause, Grounded, SourceDocument
from procedure.definition.grounds import grounds
from procedure.definition.ladder import Ladder, Offset, Rung
from procedure.definition.life import Life, act_rules
from procedure.definition.model import Model, Words
from procedure.definition.named import NamedDate, NamedValue
from procedure.definition.notice import REASSIGNED, URGED, NoticeText, Notify, SendingHours
from procedure.definition.procedure import BureauCard, Procedure
from procedure.definition.references import DanglingReferences
from procedure.definition.rule import Rule
from procedure.definition.stage import Correction, Outcome, Stage
from procedure.definition.vocabulary import (
    AfterFiling,
    ApplicantRole,
    Audience,
    BureauKind,
    ClockTime,
    Code,
    Expression,
    FieldPath,
    Holder,
    Identifier,
    Recipient,
    Relief,
    Role,
    StageKind,
    UnitKind,
)

__all__ = [
    "REASSIGNED",
    "RETURN",
    "SETTING_OF_ACT",
    "STATUS",
    "URGED",
    "ActRule",
    "AfterFiling",
    "ApplicantRole",
    "Aspect",
    "Audience",
    "Branch",
    "BureauCard",
    "BureauKind",
    "Changing",
    "Clause",
    "ClockTime",
    "Code",
    "Consequence",
    "Content",
    "Correction",
    "DanglingReferences",
    "DeadlineRule",
    "Due",
    "Evaluating",
    "Expression",
    "FieldPath",
    "FormField",
    "Grounded",
    "Holder",
    "Identifier",
    "Ladder",
    "Lapse",
    "Life",
    "Material",
    "Model",
    "NamedDate",
    "NamedValue",
    "Naming",
    "NoticeText",
    "Notify",
    "Numbering",
    "Offset",
    "Outcome",
    "Procedure",
    "Recipient",
    "Relief",
    "Role",
    "Rule",
    "Rung",
    "SendingHours",
    "SourceDocument",
    "Stage",
    "StageKind",
    "UnitKind",
    "Validity",
    "Words",
    "act_rules",
    "grounds",
]
