"""What the parts of a pack are called where two revisions are told apart."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from procedure.definition import Holder, Recipient, Words
from procedure.written import HOLDERS, RECIPIENTS, listed

SECTIONS: Final[Mapping[str, Words]] = {
    "general": Words(zh="总则", en="General"),
    "documents": Words(zh="文件", en="Documents"),
    "dates": Words(zh="日期", en="Dates"),
    "settings": Words(zh="设定", en="Settings"),
    "form": Words(zh="申报表", en="Form"),
    "materials": Words(zh="材料", en="Materials"),
    "rules": Words(zh="条件", en="Rules"),
    "numbers": Words(zh="名称、编号和有效期", en="Names, numbers, validity"),
    "call": Words(zh="批次", en="Call"),
    "application": Words(zh="办件", en="Application"),
    "lives": Words(zh="备案以后", en="After filing"),
    "evaluation": Words(zh="评价", en="Evaluation"),
    "changes": Words(zh="备案后的变更", en="Changes after filing"),
    "notices": Words(zh="文本", en="Texts"),
}
"""The sections of a comparison, in their order."""

SECTION_OF: Final = {
    "naming": "numbers",
    "case_number": "numbers",
    "register_number": "numbers",
    "validity": "numbers",
}
"""Sections of parts that have none of their own name; of the rest, what is unknown is general."""

THINGS: Final[Mapping[str, Words]] = {
    "documents": Words(zh="文件", en="document"),
    "dates": Words(zh="日期", en="date"),
    "settings": Words(zh="设定", en="setting"),
    "form": Words(zh="字段", en="field"),
    "choices": Words(zh="选项", en="choice"),
    "materials": Words(zh="材料", en="material"),
    "rules": Words(zh="条件", en="rule"),
    "stages": Words(zh="环节", en="stage"),
    "deadlines": Words(zh="期限", en="deadline"),
    "outcomes": Words(zh="结果", en="outcome"),
    "acts": Words(zh="办理事项", en="act"),
    "everywhere": Words(zh="各环节均可办的事项", en="act possible everywhere"),
    "afterwards": Words(zh="办结后仍可办的事项", en="act possible after the end"),
    "branches": Words(zh="分支", en="branch"),
    "rungs": Words(zh="梯级", en="rung"),
    "contents": Words(zh="自评内容", en="content of the self-report"),
    "consequences": Words(zh="评价后果", en="consequence"),
    "notices": Words(zh="文本", en="text"),
}
"""What one thing of each list or table is."""

PARTS: Final[Mapping[str, Words]] = {
    "acts": Words(zh="办理事项", en="acts"),
    "after_filing": Words(zh="备案后的通用程序", en="what comes after filing"),
    "after": Words(zh="到期后多久", en="how long after"),
    "also": Words(zh="另外", en="what else it does"),
    "applies": Words(zh="适用条件", en="when it applies"),
    "before": Words(zh="到期前多久", en="how long before"),
    "branches": Words(zh="分支", en="branches"),
    "builds_on": Words(zh="所依据的通用程序", en="procedure it builds on"),
    "anonymous": Words(zh="匿名材料", en="names nobody"),
    "bureau": Words(zh="科技局", en="bureau"),
    "by": Words(zh="提交人", en="who hands it in"),
    "case_number": Words(zh="办件编号", en="case number"),
    "channels": Words(zh="渠道", en="channels"),
    "city": Words(zh="城市", en="city"),
    "closes": Words(zh="结束", en="closing"),
    "closing": Words(zh="截止时刻本身是否按时", en="whether the instant itself is in time"),
    "code": Words(zh="代码", en="code"),
    "copies": Words(zh="份数", en="copies"),
    "correction": Words(zh="补正", en="correction"),
    "date": Words(zh="日期", en="date"),
    "days": Words(zh="哪些日子", en="on which days"),
    "deadlines": Words(zh="期限", en="deadlines"),
    "due": Words(zh="到期", en="due"),
    "each": Words(zh="逐一适用", en="asked of each"),
    "formats": Words(zh="格式", en="formats"),
    "holder": Words(zh="承办方", en="holder"),
    "hours": Words(zh="小时", en="hours"),
    "intake": Words(zh="受理方式", en="intake"),
    "issued": Words(zh="印发日期", en="day of issue"),
    "issued_by": Words(zh="印发单位", en="issuer"),
    "joint_letter_kinds": Words(zh="须与财政联合推荐的地区", en="places that recommend jointly with finance"),
    "kind": Words(zh="类型", en="kind"),
    "ladder": Words(zh="提醒阶梯", en="ladder"),
    "indicators": Words(zh="指标字段", en="fields with the targets"),
    "in_a_row": Words(zh="连续次数", en="how many in a row"),
    "lapse": Words(zh="届满后果", en="lapse"),
    "max_length": Words(zh="最多字数", en="most characters"),
    "max_megabytes": Words(zh="最大文件（MB）", en="largest file (MB)"),
    "maximum": Words(zh="最大值", en="greatest value"),
    "may": Words(zh="可延长或中止", en="what may be done to it"),
    "may_be_taken_back": Words(zh="可收回", en="may be taken back"),
    "met": Words(zh="符合的条件", en="what it asks"),
    "minimum": Words(zh="最小值", en="smallest value"),
    "multiline": Words(zh="多行", en="more than one line"),
    "name": Words(zh="名称", en="name"),
    "naming": Words(zh="正式名称", en="official name"),
    "needed_for": Words(zh="何时必须", en="act it is needed for"),
    "no_deadline": Words(zh="无期限的理由", en="reason for no deadline"),
    "note": Words(zh="说明", en="note"),
    "notify": Words(zh="通知", en="notices"),
    "of": Words(zh="所补正的环节", en="stage it corrects"),
    "opens": Words(zh="开始", en="opening"),
    "overdue": Words(zh="逾期通知", en="notices when overdue"),
    "pattern": Words(zh="样式", en="pattern"),
    "person": Words(zh="所指人员", en="person it names"),
    "personal": Words(zh="个人信息", en="personal data"),
    "reassign_to": Words(zh="转给谁办理", en="whom it hands the case to"),
    "recipients": Words(zh="通知对象", en="whom it tells"),
    "refuse": Words(zh="拒绝", en="refusal"),
    "register_number": Words(zh="备案号", en="register number"),
    "required": Words(zh="必填", en="required"),
    "roles": Words(zh="可办理的角色", en="who may do it"),
    "rounds": Words(zh="次数", en="rounds"),
    "seeds": Words(zh="固定抽签种子", en="fixes the seed of the draw"),
    "sending_hours": Words(zh="发送时段", en="sending hours"),
    "served": Words(zh="须送达本人", en="served in person"),
    "source": Words(zh="出处", en="where it was found"),
    "start": Words(zh="起始环节", en="first stage"),
    "start_roles": Words(zh="可开始的角色", en="who may start it"),
    "start_while": Words(zh="批次处于哪一环节时可开始", en="stage of the call in which it may start"),
    "stops": Words(zh="拦住的事项", en="acts it stops"),
    "suspends": Words(zh="暂停的期限", en="deadlines it suspends"),
    "targets_by": Words(zh="目标完成日期字段", en="field with the day of the targets"),
    "text": Words(zh="文本", en="text"),
    "title": Words(zh="名称", en="title"),
    "then": Words(zh="后果", en="what follows"),
    "to": Words(zh="去向", en="where it leads"),
    "type": Words(zh="类型", en="type"),
    "urgent": Words(zh="紧急", en="urgent"),
    "validity": Words(zh="有效期", en="validity"),
    "value": Words(zh="值", en="value"),
    "waivable": Words(zh="可豁免", en="may be waived"),
    "when": Words(zh="条件", en="guard"),
    "working_days": Words(zh="工作日", en="working days"),
    "years": Words(zh="年数", en="years"),
}
"""What the parts of things are called; a part that is not here is called by its key."""

Term = Callable[[str, str, str], str]
"""Gives the title of a term of a section in a language ("zh" or "en"); the name itself where it has none."""

TERMS: Final[Mapping[str, str]] = {
    "by": "owners",
    "channels": "channels",
    "joint_letter_kinds": "bureaus",
    "needed_for": "acts",
    "roles": "roles",
    "start_roles": "roles",
    "stops": "acts",
}
"""In which section of the terms the values of a part stand; the rest stand under ``pack`` as PART.VALUE."""

REFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "deadlines": ("deadlines",),
    "of": ("stages",),
    "start": ("stages",),
    "start_while": ("call",),
    "suspends": ("deadlines",),
    "to": ("stages", "outcomes"),
}
"""To which things of its life a part refers by their ids."""

RECIPIENT_PARTS: Final = ("recipients", "reassign_to")

NOTHING: Final = Words(zh="无", en="none")
_YES: Final = Words(zh="是", en="yes")
_NO: Final = Words(zh="否", en="no")
_LONGEST: Final = 160


def part(name: str, language: str) -> str:
    """Return what the part ``name`` of a thing is called in ``language`` ("zh" or "en")."""
    return PARTS[name].of(language) if name in PARTS else f"`{name}`"


@dataclass(frozen=True, slots=True)
class Values:
    """How sentences say what parts hold: terms and things of the pack by their titles, without their grounds.

    ``titles`` are those of the things that a part refers to: by list of its life (``stages``, ``outcomes``,
    ``deadlines``), or ``call`` for the stages of the call, and id.
    """

    term: Term
    titles: Mapping[tuple[str, str], Words]

    def shown(self, name: str, value: Any, language: str) -> str:
        """Return what the part ``name`` holds, short."""
        if value is None or value in ("", [], {}):
            return NOTHING.of(language)
        if isinstance(value, bool):
            return (_YES if value else _NO).of(language)
        if isinstance(value, Mapping):
            return self._mapping(value, language)
        if isinstance(value, list):
            joined = _joined if any(isinstance(item, Mapping) for item in value) else listed
            return joined((self.shown(name, item, language) for item in value), language)
        text = " ".join(self._said(name, str(value), language).split())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def _said(self, name: str, value: str, language: str) -> str:
        if name == "holder":
            return HOLDERS[cast("Holder", value)].of(language)
        if name in RECIPIENT_PARTS:
            return RECIPIENTS[cast("Recipient", value)].of(language)
        for things in REFERENCES.get(name, ()):
            if (things, value) in self.titles:
                title = self.titles[things, value]
                return f'"{title.en}"' if language == "en" else f"“{title.zh}”"
        if name in TERMS:
            return self.term(TERMS[name], value, language)
        said = self.term("pack", f"{name}.{value}", language)
        return value if said == f"{name}.{value}" else said

    def _mapping(self, value: Mapping[str, Any], language: str) -> str:
        if set(value) == {"zh", "en"}:
            return self.shown("", value[language], language)
        if set(value) == {"text", "to"}:
            told = listed((self._said("told", each, language) for each in value["to"]), language)
            return f"{value['text']} → {told}"
        named = (
            f"{part(key, language)} {self.shown(key, item, language)}"
            for key, item in value.items()
            if key not in ("clause", "basis", "note") and item not in (None, [], {})
        )
        joined = _joined(named, language)
        return f"({joined})" if language == "en" else f"（{joined}）"


def _joined(things: Iterable[str], language: str) -> str:
    return ("; " if language == "en" else "；").join(things)
