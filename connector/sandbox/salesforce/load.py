"""The company folder brought into the organisation, row by row, without holding it all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from connector.errors import ConnectorError
from connector.sandbox.salesforce.automation import apply_stage, derive_deal
from connector.sandbox.salesforce.company_rows import (
    Row,
    decimal,
    of_salesforce,
    rows,
    stage_from,
    stamped,
    whole_number,
)
from connector.sandbox.salesforce.ids import record_id
from connector.sandbox.salesforce.load_history import history_rows
from connector.sandbox.salesforce.organisation import Organisation

OPEN_FOR = timedelta(days=90)  # the close date of an open deal that has none, which Salesforce requires
_SUBJECTS = {"call": "Call", "email": "Email", "meeting": "Meeting", "note": "Note"}


@dataclass(slots=True)
class Loader:
    """One load; maps of the company's ids to ours live only as long as it runs."""

    org: Organisation
    folder: Path
    today: date = date.min
    currency: str = ""
    stages: dict[str, str] = field(default_factory=dict)  # the company's stage → StageName
    users: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    deals: dict[str, tuple[str, str | None, str]] = field(default_factory=dict)  # id, account, owner

    def load(self) -> None:
        """Everything, in one transaction."""
        company = json.loads((self.folder / "company.json").read_text(encoding="utf-8"))
        self.today = date.fromisoformat(company["today"])
        self.org.currency = self.currency = company.get("currency") or self.org.currency
        self.org.fiscal_starts = int(company.get("fiscal_year_starts") or 1)
        with self.org.database.transaction():
            self._switch_on()
            self._name(company)
            self._stages()
            self._people()
            with self.org.database.without_indexes(list(self.org.schema.objects.values())):
                self._accounts()
                self._deals()
                self._history()
                self._splits()
                self._activities()
            self._rates()
            self._last_activities()

    def _switch_on(self) -> None:
        """Currencies and splits exist only where the company has some."""
        if next(rows(self.folder, "splits"), None) is not None:
            self.org.switch_on_splits()
        others = (row["currency"] for row in rows(self.folder, "deals") if row.get("currency"))
        if next(rows(self.folder, "rates"), None) or any(each != self.currency for each in others):
            self.org.switch_on_currencies()

    @property
    def _many_currencies(self) -> bool:
        return "CurrencyType" in self.org.schema.objects

    def _name(self, company: dict[str, Any]) -> None:
        named = {
            "Name": company.get("name") or "Sandbox",
            "FiscalYearStartMonth": self.org.fiscal_starts,
            "TimeZoneSidKey": company.get("zone") or "GMT",
        }
        self.org.database.update(self.org.schema.objects["Organization"], self.org.organization, named)

    def _stages(self) -> None:
        found = [(row, stage_from(row)) for row in rows(self.folder, "stages")]
        self.stages = {row["stage"]: stage.name for row, stage in found}
        self.org.set_stages(tuple(stage for _, stage in found))

    def _people(self) -> None:
        people = list(of_salesforce(rows(self.folder, "people")))
        if not people:
            raise ConnectorError(f"{self.folder / 'people.csv'}: nobody has a user in Salesforce")
        first = self.org.database.number(self.org.schema.objects["User"])
        self.users = {row["id"]: record_id("005", first + place) for place, row in enumerate(people)}
        teams = list(dict.fromkeys(row["team"] for row in people if row.get("team")))
        roles = {team: record_id("00E", place) for place, team in enumerate(teams, 1)}
        at = stamped("", self.today)
        self._insert(
            "UserRole", ("Name", "DeveloperName", "SystemModstamp"), ((None, team, team, at) for team in roles)
        )
        names = "Username FirstName LastName Name Alias Email Title Division UserRoleId ManagerId IsActive UserType"
        stamps = " CreatedDate LastModifiedDate SystemModstamp CreatedById LastModifiedById"
        money = " CurrencyIsoCode DefaultCurrencyIsoCode" if self._many_currencies else ""
        self._insert("User", (names + stamps + money).split(), (self._user(row, roles) for row in people), first)

    def _user(self, row: Row, roles: dict[str, str]) -> tuple[Any, ...]:
        given, _, last = row["name"].rpartition(" ")
        email, at = row.get("email") or f"{row['id']}@people.example", stamped("", self.today)
        return (
            row["id"], email, given or None, last, row["name"], row["id"][:8], email, row.get("role") or None,
            row.get("region") or None, roles.get(row.get("team", "")), self.users.get(row.get("manager", "")),
            int(row.get("active", "true") != "false"), "Standard", at, at, at,
            self.org.integration_user, self.org.integration_user,
            *((self.currency, self.currency) if self._many_currencies else ()),
        )  # fmt: skip

    def _owner(self, row: Row, column: str = "owner") -> str:
        """The user of a person; Salesforce knows no record without, so somebody else's go to the first."""
        return self.users.get(row.get(column, "")) or next(iter(self.users.values()))

    def _accounts(self) -> None:
        found = list(of_salesforce(rows(self.folder, "accounts")))
        self.accounts = {row["id"]: record_id("001", place) for place, row in enumerate(found, 1)}
        names = "Name ParentId OwnerId Industry BillingCountry IsDeleted CreatedDate LastModifiedDate SystemModstamp"
        users = " CreatedById LastModifiedById" + (" CurrencyIsoCode" if self._many_currencies else "")
        self.org.schema.offer("Account", "Industry", sorted({row["industry"] for row in found if row.get("industry")}))
        self._insert("Account", (names + users).split(), map(self._account, found))

    def _account(self, row: Row) -> tuple[Any, ...]:
        at, owner = stamped(row.get("created_at"), self.today), self._owner(row)
        return (
            row["id"], row["name"], self.accounts.get(row.get("parent", "")), owner, row.get("industry") or None,
            row.get("country") or None, 0, at, at, at, owner, owner,
            *((self.currency,) if self._many_currencies else ()),
        )  # fmt: skip

    def _deals(self) -> None:
        names = (
            "Name AccountId OwnerId StageName Amount CloseDate Type LeadSource NextStep IsClosed IsWon Probability "
            "ForecastCategory ForecastCategoryName ExpectedRevenue Fiscal FiscalYear FiscalQuarter IsDeleted IsPrivate "
            "HasOpportunityLineItem HasOpenActivity HasOverdueTask CreatedDate LastModifiedDate SystemModstamp "
            "CreatedById LastModifiedById" + (" CurrencyIsoCode" if self._many_currencies else "")
        ).split()
        offered: dict[str, dict[str, None]] = {"Type": {}, "LeadSource": {}}
        self._insert("Opportunity", names, self._deal_rows(names, offered))
        for name, values in offered.items():
            if values:
                self.org.schema.offer("Opportunity", name, values)

    def _deal_rows(self, names: Sequence[str], offered: dict[str, dict[str, None]]) -> Iterator[tuple[Any, ...]]:
        for place, row in enumerate(of_salesforce(rows(self.folder, "deals")), 1):
            deal = self._deal(row)
            for name, values in offered.items():
                if deal[name]:
                    values[deal[name]] = None
            self.deals[row["id"]] = (record_id("006", place), deal["AccountId"], deal["OwnerId"])
            yield (row["id"], *(deal[name] for name in names))

    def _deal(self, row: Row) -> dict[str, Any]:
        closes = row.get("closed_on") or (self.today + OPEN_FOR).isoformat()
        created = stamped(row.get("created_at") or row.get("closed_on"), self.today)
        changed = max(created, stamped(row.get("modified_at") or created, self.today))
        deleted = row.get("deleted_at") or ""
        owner = self._owner(row)
        deal: dict[str, Any] = {
            "Name": row.get("name") or row["id"],
            "AccountId": self.accounts.get(row.get("account", "")),
            "OwnerId": owner,
            "StageName": self.stages.get(row["stage"], row["stage"]),
            "Amount": decimal(row.get("amount")),
            "CloseDate": closes,
            "Type": row.get("deal_type") or None,
            "LeadSource": row.get("source") or None,
            "NextStep": row.get("next_step") or None,
            "CurrencyIsoCode": row.get("currency") or self.currency,
            **dict.fromkeys(("IsPrivate", "HasOpportunityLineItem", "HasOpenActivity", "HasOverdueTask"), 0),
            "IsDeleted": int(bool(deleted)),
            "CreatedDate": created,
            "LastModifiedDate": changed,
            "SystemModstamp": max(changed, stamped(deleted, self.today)) if deleted else changed,
            "CreatedById": owner,
            "LastModifiedById": owner,
        }
        apply_stage(self.org, deal, keep_probability=False)
        derive_deal(self.org, deal)
        return deal

    def _history(self) -> None:
        names = ["OpportunityId", "CreatedById", "CreatedDate", "SystemModstamp", "StageName", "Amount", "CloseDate", "ExpectedRevenue", "Probability", "ForecastCategory", "PrevAmount", "PrevCloseDate", "IsDeleted"] + (["CurrencyIsoCode"] if self._many_currencies else [])
        found = history_rows(self.org, self.folder, self.deals, self.users, self.stages, self.today)
        self._insert("OpportunityHistory", names, ((None, *(row.get(name) for name in names)) for row in found))
        self.org.database.run(
            'UPDATE "Opportunity" SET "LastStageChangeDate" = h.at FROM (SELECT id, max(at) AS at FROM ('
            'SELECT "OpportunityId" AS id, "CreatedDate" AS at, "StageName" IS NOT '
            'lag("StageName") OVER (PARTITION BY "OpportunityId" ORDER BY row) AS moved FROM "OpportunityHistory") '
            'WHERE moved GROUP BY id) AS h WHERE h.id = "Opportunity"."Id"'
        )

    def _splits(self) -> None:
        if "OpportunitySplit" not in self.org.schema.objects:
            return
        at = stamped("", self.today)
        kinds = (("REVENUE", "Revenue", 1, "OpportunityAmount"), ("OVERLAY", "Overlay", 0, "OpportunityAmount"))
        self._insert(
            "OpportunitySplitType",
            ["DeveloperName", "MasterLabel", "IsTotalValidated", "SplitField", "IsActive", "IsDeleted", "SystemModstamp"],
            ((None, *kind, 1, 0, at) for kind in kinds),
        )
        names = "OpportunityId SplitOwnerId SplitPercentage SplitTypeId IsDeleted CreatedDate LastModifiedDate SystemModstamp"
        self._insert("OpportunitySplit", names.split(), self._split_rows())
        self.org.database.run(
            'UPDATE "OpportunitySplit" SET "SplitAmount" = round(o."Amount" * "SplitPercentage" / 100, 2) '
            'FROM "Opportunity" AS o WHERE o."Id" = "OpportunitySplit"."OpportunityId"'
        )

    def _split_rows(self) -> Iterator[tuple[Any, ...]]:
        at = stamped("", self.today)
        kinds = {"revenue": record_id("1OS", 1), "overlay": record_id("1OS", 2)}
        for row in rows(self.folder, "splits"):
            if row["deal"] in self.deals and row["person"] in self.users:
                kind = kinds[row.get("kind") or "revenue"]
                deal, person = self.deals[row["deal"]][0], self.users[row["person"]]
                yield (None, deal, person, decimal(row["percent"]), kind, 0, at, at, at)

    def _activities(self) -> None:
        """Meetings are events, everything else is a task; two passes, because each has a table of its own."""
        audit = " IsDeleted IsArchived CreatedDate LastModifiedDate SystemModstamp CreatedById LastModifiedById"
        task = (
            "Subject WhatId AccountId OwnerId ActivityDate Status Priority IsHighPriority IsClosed TaskSubtype "
            "CallDurationInSeconds CompletedDateTime IsReminderSet IsRecurrence"
        )
        event = (
            "Subject WhatId AccountId OwnerId ActivityDate ActivityDateTime StartDateTime EndDateTime EndDate "
            "DurationInMinutes IsAllDayEvent IsPrivate IsChild IsGroupEvent IsReminderSet IsRecurrence ShowAs"
        )
        self._insert("Task", (task + audit).split(), map(self._task, self._acts(meetings=False)))
        self._insert("Event", (event + audit).split(), map(self._event, self._acts(meetings=True)))

    def _acts(self, *, meetings: bool) -> Iterator[Row]:
        for row in of_salesforce(rows(self.folder, "activities")):
            if (row["type"] == "meeting") == meetings:
                yield row

    def _about(self, row: Row) -> tuple[str | None, str | None]:
        deal = self.deals.get(row.get("deal", ""))
        account = self.accounts.get(row.get("account", ""))
        return (deal[0], account or deal[1]) if deal else (account, account)

    def _task(self, row: Row) -> tuple[Any, ...]:
        at, owner, kind = stamped(row.get("at"), self.today), self._owner(row, "person"), row["type"]
        done = row.get("status") != "planned"
        changed = stamped(row.get("modified_at"), self.today) if row.get("modified_at") else at
        minutes = whole_number(row.get("minutes"))
        return (
            row["id"], _SUBJECTS.get(kind, "Task"), *self._about(row), owner, at[:10],
            "Completed" if done else "Not Started", "Normal", 0, int(done),
            {"call": "Call", "email": "Email"}.get(kind, "Task"),
            minutes * 60 if minutes is not None and kind == "call" else None, at if done else None, 0, 0,
            0, 0, min(at, changed), changed, changed, owner, owner,
        )  # fmt: skip

    def _event(self, row: Row) -> tuple[Any, ...]:
        at, owner = stamped(row.get("at"), self.today), self._owner(row, "person")
        changed = stamped(row.get("modified_at"), self.today) if row.get("modified_at") else at
        minutes = whole_number(row.get("minutes")) or 30
        ends = stamped(None, self.today, after=at, minutes=minutes)
        return (
            row["id"], "Meeting", *self._about(row), owner, at[:10], at, at, ends, ends[:10], minutes,
            0, 0, 0, 0, 0, 0, "Busy", 0, 0, min(at, changed), changed, changed, owner, owner,
        )  # fmt: skip

    def _rates(self) -> None:
        """The current rate of each currency, and the dated ones."""
        if not self._many_currencies:
            return
        at, day = stamped("", self.today), self.today.isoformat()
        dated = sorted((row["currency"], row["starts_on"], float(row["rate"])) for row in rows(self.folder, "rates"))
        latest = {self.currency: 1.0} | {code: rate for code, starts, rate in dated if starts <= day}
        found = self.org.database.run('SELECT DISTINCT "CurrencyIsoCode" FROM "Opportunity" ORDER BY 1').fetchall()
        latest = dict.fromkeys((code for (code,) in found), 1.0) | latest
        self._insert(
            "CurrencyType",
            ["IsoCode", "ConversionRate", "DecimalPlaces", "IsActive", "IsCorporate", "SystemModstamp"],
            ((None, code, rate, 2, 1, int(code == self.currency), at) for code, rate in latest.items()),
        )
        following = {each: later[1] for each, later in zip(dated, dated[1:], strict=False) if each[0] == later[0]}
        self._insert(
            "DatedConversionRate",
            ["IsoCode", "StartDate", "ConversionRate", "NextStartDate", "SystemModstamp"],
            ((None, *each, following.get(each, "9999-12-31"), at) for each in dated),
        )

    def _last_activities(self) -> None:
        """The latest finished task or past event of each deal and account."""
        for table, column in (("Opportunity", "WhatId"), ("Account", "AccountId")):
            done = (
                f'SELECT "{column}" AS id, "ActivityDate" AS day FROM "Task" WHERE "IsClosed" = 1 UNION ALL '
                f'SELECT "{column}", "ActivityDate" FROM "Event" WHERE "ActivityDate" <= ?'
            )
            self.org.database.run(
                f'UPDATE "{table}" SET "LastActivityDate" = d.day FROM (SELECT id, max(day) AS day FROM ({done}) '
                f'GROUP BY id) AS d WHERE d.id = "{table}"."Id"',
                (self.today.isoformat(),),
            )

    def _insert(self, name: str, columns: Sequence[str], found: Iterable[tuple[Any, ...]], first: int = 1) -> None:
        """Rows as they come; each begins with the company's own id."""
        thing, numbers = self.org.schema.objects[name], count(first)
        names = ", ".join(f'"{each}"' for each in ("row", "Id", "source", *columns))
        sql = f'INSERT INTO "{name}" ({names}) VALUES ({", ".join("?" * (len(columns) + 3))})'
        numbered = (
            (number, record_id(thing.prefix, number), *row) for number, row in zip(numbers, found, strict=False)
        )
        self.org.database.run_many(sql, numbered)
        self.org.database.recount(thing)
