"""What people read beside our fields, in English and Simplified Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.model.changes import WantedField
from connector.model.records import RecordKind
from connector.normalise.mapping import CrmMapping, RecordFields, ScoreRows

CHINESE = "zh_CN"
KEY, NOTE = "key", "note."


@dataclass(frozen=True, slots=True)
class Meaning:
    """A field's help, and its label and help in Chinese."""

    help: str
    label_zh: str
    help_zh: str


_MEANINGS: Mapping[str, Meaning] = {
    KEY: Meaning(
        "Attain's own key of this record. Leave it as it is.", "Attain 键", "Attain 用于识别此记录的键，请勿更改。"
    ),
    "person": Meaning("Whose number this is.", "人员", "此数字所属的人员。"),
    "manager": Meaning("Whom the person reports to today.", "经理", "此人员当前的上级。"),
    "metric": Meaning("The metric's name in the rules.", "指标代码", "规则中的指标名称。"),
    "metric_title": Meaning("What is measured.", "指标", "衡量的内容。"),
    "unit": Meaning("Money, a number or a ratio.", "单位", "金额、数量或比率。"),
    "period": Meaning("The fiscal period, as in 2026-Q4.", "期间", "财务期间，例如 2026-Q4。"),
    "period_start": Meaning("The first day of the period.", "期间开始", "期间的第一天。"),
    "period_end": Meaning("The last day of the period.", "期间结束", "期间的最后一天。"),
    "target": Meaning("What was agreed for the whole period.", "目标", "整个期间约定的目标。"),
    "actual": Meaning("What has counted so far.", "实际", "到目前为止计入的数值。"),
    "gap": Meaning("Target less actual: what is still missing.", "差距", "目标减去实际：尚缺的数值。"),
    "expected": Meaning("What would be there by now at a steady pace.", "迄今预期", "按平稳进度此时应达到的数值。"),
    "attainment": Meaning("Actual as a share of the target.", "达成率", "实际占目标的百分比。"),
    "pace": Meaning("Actual as a share of what is expected by now.", "进度", "实际占迄今预期的百分比。"),
    "rank": Meaning("Place among those who are compared.", "排名", "在可比人员中的名次。"),
    "quartile": Meaning("Which quarter of the field this is.", "四分位", "所在的四分位。"),
    "field_size": Meaning("How many people are compared.", "参与排名人数", "参与比较的人数。"),
    "surplus": Meaning("What went beyond the target.", "超额", "超出目标的部分。"),
    "run_rate": Meaning("The average of a working day so far.", "迄今每日平均", "迄今每个工作日的平均值。"),
    "required_rate": Meaning(
        "What is needed on each working day that is left.", "每日所需", "剩余每个工作日所需的数值。"
    ),
    "ahead": Meaning("Attainment less the share of time that is over.", "领先", "达成率减去已过时间的比例。"),
    "projection": Meaning("Where the period ends if it goes on like this.", "预测", "照此趋势期末将达到的数值。"),
    "projection_by": Meaning("How the projection was made.", "预测方法", "预测所用的方法。"),
    "payout": Meaning("An estimate; payroll has the last word.", "奖金（估算）", "仅为估算，以薪资部门为准。"),
    "band": Meaning("Where the rules put this number.", "等级", "规则判定的等级。"),
    "reason": Meaning("Why there is no number.", "原因", "没有数字的原因。"),
    "elapsed": Meaning("Working days of the period that are over.", "已过工作日", "期间内已过的工作日。"),
    "working_days": Meaning("Working days of the period.", "工作日", "期间内的工作日。"),
    "records": Meaning("How many records were counted.", "计入记录数", "计入的记录数量。"),
    "left_out": Meaning("How many records were left out.", "未计入记录数", "未计入的记录数量。"),
    "currency": Meaning("The company's currency, of money.", "币种", "公司币种（仅限金额）。"),
    "explanation": Meaning("In one line, how the number came about.", "说明", "一句话说明数字的来历。"),
    "why": Meaning("The newest records that were counted or left out.", "明细", "最近计入与未计入的记录。"),
    "evidence": Meaning("The same records for Attain's own pages.", "明细数据", "供 Attain 页面使用的相同记录。"),
    "computed_at": Meaning("When this was worked out.", "计算时间", "计算的时间。"),
    "run": Meaning("Which run of Attain wrote this.", "运行", "写入此记录的 Attain 运行。"),
    "rules_version": Meaning("Which version of the rules was used.", "规则版本", "所用规则的版本。"),
    "health": Meaning("0 to 100, by the rules; the reasons stand beside it.", "健康度", "按规则评分，0 至 100。"),
    "health_band": Meaning("Where the rules put this record.", "健康等级", "规则判定的等级。"),
    "health_reasons": Meaning("What weighed most.", "健康原因", "影响最大的原因。"),
    "next_step": Meaning("What the rules suggest to do next.", "建议的下一步", "规则建议的下一步。"),
    "retention": Meaning(
        "What they pay a year, of what they paid a year ago.", "留存率", "当前年付费占一年前年付费的比例。"
    ),
    "note.person": Meaning("Whom this is about; empty: whoever wrote it.", "关于", "所涉人员；空白即作者本人。"),
    "note.kind": Meaning(
        "Feedback on a target, a dispute of a credit, a check-in …", "类型", "目标反馈、业绩争议或沟通记录等。"
    ),
    "note.metric": Meaning("Which number this is about; empty: all of them.", "指标", "所涉指标；空白即全部。"),
    "note.period": Meaning("Which period; empty: the one it was written in.", "期间", "所涉期间；空白即书写时的期间。"),
    "note.deal": Meaning("The deal whose credit is disputed.", "争议商机", "业绩有争议的商机。"),
    "note.text": Meaning("What you have to say.", "内容", "您想说的话。"),
    "note.rating": Meaning("A manager's rating.", "评分", "经理的评分。"),
    "note.due_on": Meaning("When the action is due.", "截止日期", "行动的截止日期。"),
    "note.done_on": Meaning("When the action was done.", "完成日期", "行动完成的日期。"),
    "note.answer": Meaning("What sales operations answered.", "答复", "销售运营的答复。"),
}

_OBJECTS_ZH = {"Attainment": "业绩达成", "Attain note": "Attain 留言", "Attain alert": "Attain 提醒"}


class Words:
    """What a mapping's fields mean, by object and name."""

    def __init__(self, mapping: CrmMapping) -> None:
        self._means = dict(_meant(mapping))

    def of(self, field: WantedField) -> Meaning | None:
        """None for a field that no table explains."""
        return _MEANINGS.get(self._means.get((field.object, field.name), ""))

    def help(self, field: WantedField) -> str:
        """One line, or nothing."""
        meaning = self.of(field)
        return meaning.help if meaning else ""

    def object_zh(self, label: str) -> str:
        """An object's name in Chinese, or as it is."""
        return _OBJECTS_ZH.get(label, label)


def _meant(mapping: CrmMapping) -> list[tuple[tuple[str, str], str]]:
    found: list[tuple[tuple[str, str], str]] = []
    match mapping.write.scores:
        case ScoreRows() as rows:
            found += [((rows.object, name), each) for name, each in rows.fields.items()]
            found.append(((rows.object, rows.key_field), KEY))
    if tasks := mapping.write.alerts:
        found.append(((tasks.object, tasks.key_field), KEY))
    for where in (mapping.write.deals, mapping.write.accounts):
        if isinstance(where, RecordFields):
            found += [((where.object, name), each) for name, each in where.fields.items()]
    for source in mapping.sources:
        if source.kind is RecordKind.NOTE:
            found += [((source.object, theirs), NOTE + ours) for ours, theirs in source.fields.items()]
    return found
