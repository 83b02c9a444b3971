"""What must never be: lost, told twice, written without approval, stuck, or never quiet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from connector.service.wiring import house
from connector.store import outbox, records
from connector.store.entries import State
from tests.faults.village import Village

QUIET_WITHIN = 3  # clean cycles


@dataclass
class Violations:
    """By kind, how often; with the first words of each."""

    found: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)

    def note(self, kind: str, words: str, times: int = 1) -> None:
        if times:
            self.found[kind] += times
            self.words.append(f"{kind}: {words}")

    def __bool__(self) -> bool:
        return bool(self.found)


def settle(village: Village, violations: Violations) -> None:
    """Clean cycles until one has nothing to send; more than three are a violation."""
    for _ in range(QUIET_WITHIN):
        village.time.sleep(3700)  # beyond every wait of the outbox and the circuit
        report = village.cycle()
        if not report.troubles and not sum(each.sent for each in report.written):
            return
    troubles = "; ".join(str(each).splitlines()[0] for each in report.troubles)
    violations.note("loud", f"after {QUIET_WITHIN} clean cycles it still sends, or has trouble: {troubles}")


def judge(village: Village, violations: Violations, wanted: dict[str, Any] | None = None) -> None:
    """Hold a village at rest against what should be: `wanted`, from a run that nothing disturbed."""
    told = village.told()
    violations.note(
        "twice", f"told twice: {[key for key, n in told.items() if n > 1]}", sum(n - 1 for n in told.values())
    )
    if wanted is not None:
        _compare(village.shown(), wanted, violations)
    with house(village.config, world=village.time.world, connect=False) as ready, ready.store.reading() as tx:
        held = {f"{connection} {kind}": n for (connection, kind), n in records.counts(tx).items()}
        found = [each for name in ("emea", "smb") for each in outbox.open_entries(tx, name)]
    stuck = [each for each in found if each.state not in (State.HELD, State.KEPT)]
    for name, count in village.records().items():
        violations.note("lost", f"{name}: {held.get(name, 0)} of {count} records", int(held.get(name, 0) < count))
        violations.note("lost", f"{name}: {held.get(name, 0)}, and the CRM has {count}", int(held.get(name, 0) > count))
    violations.note(
        "stuck", ", ".join(f"{each.change.row} {each.state}: {each.reason}" for each in stuck[:3]), len(stuck)
    )


def _compare(shown: dict[str, Any], wanted: dict[str, Any], violations: Violations) -> None:
    lost = set(wanted["told"]) - set(shown["told"])
    violations.note("lost", f"alerts never told: {sorted(lost)[:3]}", len(lost))
    extra = set(shown["told"]) - set(wanted["told"])
    violations.note("twice", f"alerts that nobody raised: {sorted(extra)[:3]}", len(extra))
    for part in ("rows", "people", "linked", "health"):
        wrong = [key for key in {*wanted[part], *shown[part]} if wanted[part].get(key) != shown[part].get(key)]
        first = [(key, wanted[part].get(key), shown[part].get(key)) for key in wrong[:1]]
        violations.note("lost", f"{part} that show something else: {first}", len(wrong))
