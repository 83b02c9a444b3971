"""Every word that our components say, in English and Simplified Chinese, and our fields' labels in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.crm.salesforce.package.metadata import Node, Part
from connector.crm.salesforce.package.words import CHINESE, Words
from connector.model.changes import WantedField

LABELS: Mapping[str, tuple[str, str]] = {
    "myNumbers": ("My numbers", "我的业绩"),
    "myTeam": ("My team", "我的团队"),
    "dealHealth": ("Deal health", "商机健康度"),
    "accountHealth": ("Account health", "客户健康度"),
    "loading": ("Loading", "加载中"),
    "failed": (
        "This could not be read. Reload the page; if it stays, tell your admin:",
        "无法读取。请刷新页面；如仍出现，请告知管理员：",
    ),
    "noNumbers": ("No numbers yet. They appear after Attain's next run.", "暂无数据。Attain 下次运行后将显示。"),
    "noTeam": ("Nobody with numbers reports to you.", "没有向您汇报且有业绩数据的人员。"),
    "noHealth": (
        "This record is not judged: no rule is about it, or it is closed.",
        "此记录未被评估：没有适用的规则，或已关闭。",
    ),
    "attainment": ("Attainment", "达成率"),
    "actual": ("Actual", "实际"),
    "target": ("Target", "目标"),
    "gap": ("Gap", "差距"),
    "pace": ("Pace", "进度"),
    "projection": ("Projection", "预测"),
    "perDay": ("Needed per working day", "每日所需"),
    "noTarget": ("no target", "无目标"),
    "trend": ("Earlier periods", "以往期间"),
    "why": ("Why", "原因"),
    "counted": ("Counted", "已计入"),
    "leftOut": ("Left out", "未计入"),
    "andMore": ("and {0} more", "另有 {0} 条"),
    "nothingCounted": ("Nothing was counted.", "没有计入任何记录。"),
    "thisIsMine": ("This is mine", "这是我的"),
    "disputeHelp": (
        "Say why this deal belongs to you. Sales operations will answer.",
        "请说明此商机为何属于您。销售运营会答复。",
    ),
    "say": ("Say something about it", "提出意见"),
    "feedbackHelp": ("What should be known about this target?", "关于此目标，有什么需要说明？"),
    "send": ("Send", "发送"),
    "cancel": ("Cancel", "取消"),
    "sent": ("Sent. Sales operations will answer in the note.", "已发送。销售运营会在留言中答复。"),
    "notSent": ("Not sent:", "未发送："),
    "emptyNote": ("Write a few words first.", "请先填写内容。"),
    "person": ("Person", "人员"),
    "metric": ("Metric", "指标"),
    "period": ("Period", "期间"),
    "notes": ("Notes", "留言"),
    "noNotes": ("No notes yet.", "暂无留言。"),
    "answered": ("Answer", "答复"),
    "open": ("not answered yet", "尚未答复"),
    "health": ("Health", "健康度"),
    "reasons": ("Reasons", "原因"),
    "nextStep": ("Next step", "下一步"),
    "retention": ("Retention", "留存率"),
    "asOf": ("as of {0}", "截至 {0}"),
}


def label_name(name: str) -> str:
    """`myNumbers` → `Attain_myNumbers`."""
    return f"Attain_{name}"


def labels() -> Part:
    """The English words."""
    nodes: list[Node] = [
        (
            "labels",
            [
                ("fullName", label_name(name)),
                ("language", "en_US"),
                ("protected", "false"),
                ("shortDescription", f"Attain {name}"),
                ("value", english),
            ],
        )
        for name, (english, _) in LABELS.items()
    ]
    return Part("CustomLabels", "CustomLabels", nodes)


def chinese(
    objects: Sequence[tuple[str, str]], fields: Sequence[WantedField], words: Words, *, spoken: bool
) -> Iterator[Part]:
    """The Chinese ones; they deploy only into an org whose Translation Workbench has that language. `spoken`: with labels."""
    for name, label in objects:
        mine = [each for each in fields if each.object == name and words.of(each)]
        nodes: list[Node] = [("caseValues", [("plural", "false"), ("value", words.object_zh(label))])]
        yield Part("CustomObjectTranslation", f"{name}-{CHINESE}", [*nodes, *(_field(each, words) for each in mine)])
    if spoken:
        said: list[Node] = [
            ("customLabels", [("label", zh), ("name", label_name(name))]) for name, (_, zh) in LABELS.items()
        ]
        yield Part("Translations", CHINESE, said)


def _field(field: WantedField, words: Words) -> Node:
    meaning = words.of(field)
    assert meaning is not None
    return "fields", [("help", meaning.help_zh), ("label", meaning.label_zh), ("name", field.name)]
