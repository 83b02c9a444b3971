"""A dry run says which rules can never count, and which words no record carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb

from connector.errors import Place
from connector.language.read import condition, measure
from connector.measure.dry_run import Chosen, dry_run
from connector.measure.metric import Metric
from connector.model.catalogue import RELATIONS, Catalogue

TODAY = date(2026, 11, 25)
CATALOGUE = Catalogue(RELATIONS, "EUR")


def here(_offset: int) -> Place:
    return Place("rules/metrics.yaml", 5, 3)


def a_metric(where: str) -> Metric:
    deals = RELATIONS["deals"]
    counted = measure("count()", deals, "EUR", here)
    chosen = condition(where, deals, "EUR", here)
    return Metric("wins", "Wins", "deals", here(0), "deals", counted, "closed_on", "owner", chosen)


def ran(where: str) -> Chosen:
    [found] = ran_all(a_metric(where))
    return found


def ran_all(metric: Metric) -> list[Chosen]:
    mirror = duckdb.connect()
    mirror.execute("create table deals (outcome varchar, stage varchar, amount bigint)")
    mirror.execute("insert into deals values ('won', 'Proposal', 100), ('open', 'Proposal', null), ('lost', null, 5)")
    return list(dry_run(mirror, [metric], CATALOGUE, TODAY))


def test_counts_what_a_rule_would_choose() -> None:
    assert ran("outcome = 'won'").chosen == 1
    assert ran("outcome in ('won', 'lost')") == Chosen("wins", "deals", 2, 3, (), here(0))


def test_a_misspelt_stage_is_named_with_the_nearest_one() -> None:
    found = ran("stage = 'Propsal'")
    assert (found.chosen, found.records) == (0, 3)
    assert found.strange == ("`stage` is never `Propsal`; did you mean `Proposal`?",)


def test_words_deep_inside_a_condition_are_found_too() -> None:
    assert ran("outcome = 'won' and (amount > 1 or not stage in ('Proposal', 'Talk'))").strange == (
        "`stage` is never `Talk`",
    )


def test_what_a_metric_was_before_is_tried_too_and_named_at_its_place() -> None:
    older = replace(a_metric("stage = 'Propsal'"), place=Place("rules/metrics.yaml", 9, 9))
    now = replace(a_metric("outcome = 'won'"), effective=date(2026, 7, 1), before=(older,))
    assert [(each.chosen, each.place.line, len(each.strange)) for each in ran_all(now)] == [(1, 5, 0), (0, 9, 1)]
