"""What was not agreed to is in no appraisal: not in what managers are told of others, and not in a scorecard's lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.appraisal.agreed import Agreed, per_team
from connector.appraisal.appraise import appraise
from connector.appraisal.small_units import SmallUnits
from connector.decide.rule import Digest, Message, Speaking, Speech
from connector.model.calendar import Grain
from connector.model.settings import Privacy
from connector.score.scorecard import Scorecard, Weighed
from tests.appraisal.test_appraise import COMPANY_SETTINGS, a_rule, meetings, rules
from tests.appraisal.test_speaking import COACHING, METRICS, PLACE, ROSTER, TODAY, history, said
from tests.measure.mirror import a_deal, a_metric, a_mirror, a_seat
from tests.targets.policies import a_policy

DIGEST = Digest(PLACE, 1, Speech(Message("{period}: {count}", "{lines}")))  # on Tuesdays, which TODAY is
WITHOUT_ANA = Agreed(withheld=frozenset({"ana"}))


def test_a_digest_says_nothing_of_whoever_has_not_agreed() -> None:
    speaking = Speaking(coaching=(COACHING,), digest=DIGEST)
    late = replace(a_rule(when="pace < 70%", until="pace > 80%"), tell=("rep", "manager"), after=1)
    found = said(*history(), speaking=speaking, alerts={"behind_pace": late}, agreed=WITHOUT_ANA)
    # Of Ana alone there would be two lines for Max: that she is behind, and what holds her back.
    assert [(each.rule, each.person, each.told_as) for each in found] == [("behind_pace", "max", "rep")]


def test_a_digest_has_no_line_about_anybody_s_own_where_a_metric_is_of_teams() -> None:
    late = replace(a_rule(when="pace < 70%", until="pace > 80%"), tell=("manager",), after=1)
    of_teams = Agreed(hidden=frozenset({"bookings"}))
    speaking, alerts = Speaking(digest=DIGEST), {"behind_pace": late}
    assert [each.rule for each in said(*history(), speaking=speaking, alerts=alerts)] == ["digest"]
    assert said(*history(), speaking=speaking, alerts=alerts, agreed=of_teams) == []


def test_whoever_has_not_agreed_is_no_peer_either() -> None:
    """Three peers win half of theirs; of two there is no median, by the rule's `peers: 3`."""
    speaking = Speaking(coaching=(COACHING,))
    [word] = said(*history(), speaking=speaking)
    assert "peers 50%" in word.text
    [word] = said(*history(), speaking=speaking, agreed=Agreed(withheld=frozenset({"bea"})))
    assert "peers 50%" not in word.text


def test_a_scorecard_does_not_show_the_number_of_a_team_that_is_too_small() -> None:
    lines = (Weighed("bookings", Decimal(1)), Weighed("bookings", Decimal(1), of="team"))
    card = Scorecard("ae", "AE", PLACE, Grain.QUARTER, lines)
    policies = (a_policy(each=Decimal(1_000_000), every=Grain.QUARTER),)
    using = replace(rules(metrics=METRICS, targets=policies), scorecards=(card,))
    mirror = a_mirror(a_deal(owner="ana", closed_on=date(2026, 10, 20), amount=500_000), a_seat("ana", team="East"))

    def of_ana(agreed: Agreed) -> list[Decimal | None]:
        found = appraise(mirror, using, ROSTER, COMPANY_SETTINGS, {}, today=TODAY, agreed=agreed)
        [mine] = [each for each in found.cards if each.subject.id == "ana" and each.period.id == "2026-Q4"]
        return [each.reached for each in mine.lines]

    # East are four and Max. 5,000 EUR of her own 10,000; and of the team's, five times as much.
    assert of_ana(Agreed()) == [Decimal("0.5"), Decimal("0.1")]
    assert of_ana(Agreed(small=SmallUnits(ROSTER, least=6))) == [Decimal("0.5"), None]


def test_a_metric_is_of_teams_by_whatever_it_was_ever_made_of() -> None:
    by_team = Privacy(activities="team")
    known = {
        "meetings": meetings,
        "effort": a_metric("effort", before=(replace(meetings, name="effort"),)),
        "reach": a_metric("reach", inputs=("bookings", "target:meetings")),
        "bookings": a_metric(),
    }
    assert per_team(known, by_team) == {"meetings", "effort", "reach"}
    assert per_team(known, Privacy()) == frozenset()
