"""What the pictures show: each component in each of its states."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANA, BEN, CLEO = (f"00500000000000{at}AAA" for at in (2, 3, 4))


@dataclass(frozen=True)
class Scene:
    """One picture."""

    name: str
    component: str
    answers: Mapping[str, Any] = field(default_factory=dict)  # by the query's name, or `record`
    clicks: Sequence[str] = ()  # selectors inside the component, `>>>` going into a child
    language: str = "en_US"
    width: int = 900
    height: int = 620


def _rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    nodes = []
    for row in rows:
        fields = {name: {"value": value} for name, value in row.items() if name not in ("Id", "who")}
        who = {"who": {"Name": {"value": row["who"]}}} if "who" in row else {}
        nodes.append({"node": {**fields, "Id": row["Id"], **who}})
    return {"data": {"uiapi": {"query": {"rows": {"edges": nodes}}}}}


def _row(at: int, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"a000000000000{at:02}AAA", "person": ANA, "metric": "bookings", "metric_title": "Bookings",
        "period": "2026-Q4", "period_start": "2026-10-01", "period_end": "2026-12-31", "target": 200_000,
        "actual": 150_000, "attainment": 75, "gap": 50_000, "expected": 120_000, "pace": 125, "projection": 231_000,
        "required_rate": 2_083.33, "unit": "money", "currency": "EUR",
        "explanation": "7 counted; 2 left out; €120,000.00 expected after 40 of 64 working days", **more,
    }  # fmt: skip


_EVIDENCE = {
    "counted": [
        {"id": "006000000000001AAA", "name": "Alpine mill, phase 2", "on": "2026-11-12", "credit": 60_000, "note": "60 %"},
        {"id": "006000000000002AAA", "name": "Harbour cranes", "on": "2026-10-29", "credit": 48_000},
        {"id": None, "name": "From the other CRM", "on": "2026-10-08", "credit": 42_000},
    ],
    "left_out": [
        {"id": "006000000000003AAA", "name": "Kiln upgrade", "reason": "no amount"},
        {"id": "006000000000004AAA", "name": "Pilot in Basel", "reason": "no rate for CHF"},
    ],
    "more": 4,
    "unseen": 0,
}  # fmt: skip
_MINE: list[dict[str, Any]] = [
    _row(1, evidence=json.dumps(_EVIDENCE)),
    _row(2, metric="calls", metric_title="Calls", period="2026-11", period_start="2026-11-01", period_end="2026-11-30",
         target=160, actual=96, attainment=60, gap=64, expected=144, pace=66.7, projection=107, required_rate=21.3,
         unit="number", currency=None),
    _row(3, metric="new_customers", metric_title="New customers", target=None, actual=3, attainment=None, gap=None,
         expected=None, pace=None, projection=None, required_rate=None, unit="number", currency=None),
    *(_row(10 + at, period=f"2026-Q{3 - at}" if at < 3 else "2025-Q4", period_start=("2026-07-01", "2026-04-01", "2026-01-01", "2025-10-01")[at],
           period_end=("2026-09-30", "2026-06-30", "2026-03-31", "2025-12-31")[at], attainment=(104, 88, 113, 71)[at]) for at in range(4)),
]  # fmt: skip
_TEAM: list[dict[str, Any]] = [
    _row(21, who="Ana Silva"),
    _row(22, who="Ben Okafor", person=BEN, actual=80_000, attainment=40, gap=120_000, pace=66.7),
    _row(23, who="Cleo Martin", person=CLEO, actual=212_000, attainment=106, gap=-12_000, pace=176.7),
]
_NOTES: list[dict[str, Any]] = [
    {"Id": "a01000000000001AAA", "person": BEN, "kind": "feedback", "metric": "bookings", "period": "2026-Q4",
     "text": "Half of the territory went to the new team in October.", "answer": None, "written": "2026-11-02T08:00:00.000Z"},
    {"Id": "a01000000000002AAA", "person": BEN, "kind": "check_in", "text": "Two of three pilots closed.", "answer": "Thank you.",
     "written": "2026-10-19T08:00:00.000Z"},
]  # fmt: skip
_DEAL = {
    "Attain_Health__c": 42, "Attain_Health_Band__c": "at risk",
    "Attain_Health_Reasons__c": "no activity for 21 days (-30); close date moved twice (-20); large for its stage (-8)",
    "Attain_Next_Step__c": "Call the buyer this week, or move the close date to where you believe it.",
}  # fmt: skip
_ACCOUNT = {
    "Attain_Health__c": 81,
    "Attain_Health_Band__c": "well",
    "Attain_Health_Reasons__c": "grows (+11)",
    "Attain_Retention__c": 96.5,
}
_REFUSED = {"errors": [{"message": "Attain_Attainment__c is not visible to you"}]}


def _record(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"record": {"data": {"fields": fields}}}


def scenes() -> list[Scene]:
    """Every component: full, empty, loading, refused; opened where there is something to open; and in Chinese."""
    mine, team = {"attainMine": _rows(_MINE)}, {"attainTeam": _rows(_TEAM), "attainNotes": _rows(_NOTES)}
    numbers, people = "c-attain-my-numbers", "c-attain-team"
    found = [
        Scene("my-numbers", numbers, mine),
        Scene("my-numbers-why", numbers, mine, [".why"], height=1150),
        Scene("my-numbers-dispute", numbers, mine, [".why", "c-attain-why >>> .mine"], height=1350),
        Scene("my-numbers-chinese", numbers, mine, [".why"], language="zh_CN", height=1150),
        Scene("team", people, team),
        Scene("team-notes", people, team, [".notes"], height=900),
        Scene("deal-health", "c-attain-deal-health", _record(_DEAL), width=420, height=420),
        Scene("account-health", "c-attain-account-health", _record(_ACCOUNT), width=420, height=360),
    ]
    empty = {"attainMine": _rows([]), "attainTeam": _rows([]), **_record({"Attain_Health__c": None})}
    refused = {
        "attainMine": _REFUSED,
        "attainTeam": _REFUSED,
        "record": {"error": {"body": {"message": "not for you"}}},
    }
    for state, answers in {"empty": empty, "loading": {}, "refused": refused}.items():
        found += [
            Scene(f"{name}-{state}", component, answers, width=520, height=200)
            for name, component in {
                "my-numbers": numbers,
                "team": people,
                "deal-health": "c-attain-deal-health",
            }.items()
        ]
    return found


def page(scene: Scene, style: str, script: str) -> str:
    """The page on which a scene is played."""
    told = json.dumps({"component": scene.component, "answers": scene.answers, "clicks": list(scene.clicks)})
    # The pictures show one day, whenever they are taken.
    clock = "const R = Date; globalThis.Date = class extends R { constructor(...a) { super(...(a.length ? a : [2026, 10, 25, 12])); } };"
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f'<link rel="stylesheet" href="{style}"></head><body class="slds-scope slds-p-around_medium"><main></main>'
        f'<script>{clock} globalThis.SCENE = {told};</script><script src="{script}"></script></body></html>'
    )
