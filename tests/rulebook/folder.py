"""A small folder of rules and mappings for tests to spoil: everything in it is right."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from connector.appraisal.rules import Rules
from connector.errors import ConfigError, Problem
from connector.model.calendar import Calendar
from connector.model.settings import Company
from connector.rulebook.load import load

EURO = Company("Example", "EUR", ZoneInfo("Europe/Berlin"), Calendar())

METRICS = """\
metrics:
  bookings:
    title: Revenue
    of: deals
    where: outcome = 'won'
    date: closed_on
    measure: sum(amount)
    unit: money
  deals_won:
    title: Deals won
    of: deals
    where: outcome = 'won'
    date: closed_on
    measure: count()
    unit: deals
  win_rate:
    title: Win rate
    of: deals
    where: outcome in ('won', 'lost')
    date: closed_on
    measure: count_if(outcome = 'won') / count()
    unit: ratio
"""

TARGETS = """\
targets:
  - metric: bookings
    company: 24_000_000 EUR
    split:
      - team: by headcount
      - person: equal
"""

ALERTS = """\
alerts:
  behind:
    metric: bookings
    period: quarter
    when: pace < 70%
    tell: [rep]
    say: behind
"""

SCORECARDS = """\
scorecards:
  ae:
    period: quarter
    for: role = 'AE'
    weights:
      bookings: 60
      win_rate: 40
      team.bookings: 10
    scale:
      win_rate: {start: 20%, stop: 100%}
    threshold: {bookings: 50%}
    floor: 0%
    cap: 150%
    missing: reweight
    gates:
      - when: win_rate < 20%
        at_most: 79%
    bands:
      ahead: 100%
      on_track: 80%
      behind: 0%
leaderboards:
  bookings: {ties: dense}
"""

HEALTH = """\
deals:
  for: outcome = 'open'
  start: 60
  points:
    - add: -20
      when: days_in_stage > 30
      say: "{days_in_stage} days in {stage}"
      do: move it on
  bands: {healthy: 70, watch: 40, at_risk: 0}
"""

INCENTIVES = """\
plans:
  ae:
    period: quarter
    for: role = 'AE'
    measures:
      - metric: bookings
        pays: cliff
        boundary: "[a, b)"
        tiers:
          - {from: 0%, to: 100%, rate: 5%}
          - {from: 100%, rate: 6%}
"""

MESSAGES = """\
messages:
  behind:
    title: "Behind: {metric}"
    text: "{actual} of {target}"
"""

MAPPING = """\
type: salesforce
users:
  - from: User
    fields:
      email: Email
      team: UserRole.Name
deals:
  - from: Opportunity
    fields:
      name: Name
      owner: OwnerId
      stage: StageName
      amount: Amount
      closed_on: CloseDate
outcome:
  won_flag: IsWon
  closed_flag: IsClosed
"""

FILES = """\
tables:
  quotas:
    file: quotas.csv
    key: [person, metric, period]
    person: person
    columns:
      person: {type: text, required: true}
      metric: {type: text, required: true}
      period: {type: text, required: true}
      value: {type: number, required: true}
  trainings:
    file: trainings.csv
    key: [person, completed_on]
    person: person
    date: completed_on
    columns:
      person: {type: text, required: true}
      completed_on: {type: date, required: true}
      hours: {type: number}
"""


class Folder:
    """The files above in a folder, each of which a test may write anew."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.connections = {"emea": ("salesforce", "mapping.yaml")}
        for name, text in (
            ("rules/metrics.yaml", METRICS),
            ("rules/targets.yaml", TARGETS),
            ("rules/alerts.yaml", ALERTS),
            ("rules/scorecards.yaml", SCORECARDS),
            ("rules/health.yaml", HEALTH),
            ("rules/incentives.yaml", INCENTIVES),
            ("rules/messages/en.yaml", MESSAGES),
            ("mapping.yaml", MAPPING),
            ("files.yaml", FILES),
        ):
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.home / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands in {name} {text.count(old)} times"
        self.write(name, text.replace(old, new))

    def load(self, company: Company = EURO) -> Rules:
        mappings = {name: (crm, self.home / file) for name, (crm, file) in self.connections.items()}
        return load(self.home / "rules", company, mappings, self.home / "files.yaml")

    def problems(self, company: Company = EURO) -> tuple[Problem, ...]:
        try:
            self.load(company)
        except ConfigError as error:
            return error.problems
        return ()

    def codes(self) -> list[str]:
        """Problems as `file:line:column: code`, the folder left out."""
        return [f"{each.place}: {each.code}".replace(f"{self.home}/", "") for each in self.problems()]
