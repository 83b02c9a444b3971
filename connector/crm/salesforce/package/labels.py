"""The words that our components say, as custom labels with their translations; and our fields' labels in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.crm.salesforce.package.metadata import Node, Part
from connector.crm.salesforce.package.words import CHINESE, Words
from connector.crm.words import WORDS
from connector.model.changes import WantedField


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
        for name, (english, _) in WORDS.items()
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
            ("customLabels", [("label", zh), ("name", label_name(name))]) for name, (_, zh) in WORDS.items()
        ]
        yield Part("Translations", CHINESE, said)


def _field(field: WantedField, words: Words) -> Node:
    meaning = words.of(field)
    assert meaning is not None
    return "fields", [("help", meaning.help_zh), ("label", meaning.label_zh), ("name", field.name)]
