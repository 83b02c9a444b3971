"""The generator of an invented company, and the form of the folder that holds one.

`generate` writes such a folder; a folder made by hand is loaded just the same, and `check` says what is wrong with it.
CSV files are UTF-8 without a byte order mark, comma separated, quoted where needed, with a header row. Days read
`2026-11-25`, moments `2026-11-25T08:14:03Z` (UTC), numbers `1200.50`, flags `true` or `false`; an empty cell is null.

Required are company.json, stages.csv, people.csv and deals.csv. Every other file may be missing; so may every column but
those marked with an asterisk, and every cell but theirs. Ids are any text, unique within their file.

company.json        An object.
    currency *      the company's own, an ISO code: EUR
    today *         the day on which everything is as the files say; nothing reads a clock
    name            what the company calls itself
    zone            where its days begin: Europe/Berlin; without it UTC
    fiscal_year_starts  a month from 1 to 12; without it 1
    number          what tells its accounts in both CRMs from those of other companies, from 1 to 999999999; without it
                    they have the numbers that stand-ins begin with

stages.csv          The stages of the one pipeline; the order of the rows is the order of the pipeline.
    stage *         its id (HubSpot's stage id)
    label           its name (Salesforce's StageName); without it the id
    order           its place, from 1
    probability     of winning, from 0 to 1
    is_closed, is_won   flags
    forecast        Pipeline, BestCase, Commit, Closed or Omitted

people.csv          Everybody, as they are today.
    id *
    name, email     the address joins somebody's users in both CRMs
    role, team, region  where they sit; the generator's roles are VP, Director, Manager, AE and SDR
    manager         the id of a person
    start, end      first and last day; no end: they are still there
    active          whether their users may log in
    crm             where they have a user: `salesforce`, `hubspot`, both with a space between, or empty for nowhere

accounts.csv        Customers and prospects.
    id *
    crm             salesforce or hubspot; an account lives in one
    name, industry, country
    parent          the id of an account in the same CRM
    owner           the id of a person
    created_at      a moment

deals.csv           Deals as they stand today, deleted ones included.
    id *
    crm             salesforce or hubspot
    name
    account         the id of an account in the same CRM
    owner           the id of a person with a user there; empty: nobody's (HubSpot only)
    stage           a stage of stages.csv
    amount          in the deal's currency
    currency        an ISO code; without it the company's
    created_at      a moment; without it the start of closed_on, or of today
    closed_on       the day it closed, or is expected to
    modified_at     a moment, not before the last row of its history
    deal_type, source, next_step    texts
    deleted_at      a moment; empty: it is not deleted

deal_history.csv    What changed, oldest first within each deal, the values at creation included.
    deal *          the id of a deal
    at *            a moment
    field *         stage, amount, closed_on or owner
    value           from that moment on, written as in deals.csv; the column must be there, a cell may be empty
    by              the id of the person who did it

splits.csv          Who shares a deal. A deal without rows is all its owner's.
    deal *, person *    ids
    percent *       of the amount: revenue splits of a deal should add up to 100, overlays may be anything
    kind            revenue or overlay; without it revenue

teams.csv           Who works on a deal besides its owner, in Salesforce.
    deal *, person *    ids
    role            Sales Manager, Pre-Sales Consultant …

activities.csv
    id *
    type *          call, meeting, email, task or note
    crm             salesforce or hubspot
    person          the id of whoever performs it, not of the deal's owner
    deal, account   ids in the same CRM
    at              the moment it happened; of a planned one, when it is due
    status          completed or planned
    minutes         a whole number
    modified_at     a moment

rates.csv           The company's own currency has no row.
    currency *      an ISO code
    starts_on *     the first day of this rate
    rate *          units of the currency per 1 unit of the company's

files/              Tables for what no CRM holds; their columns are those of mappings/files.yaml, and no others.
    people.csv      person * (e-mail), from, name, role, team, region, territory, manager (e-mail), start, end, home:
                    where somebody sat from a day on
    absences.csv    person *, from *, to *: days away, both included
    quotas.csv      person *, metric *, period * (2026-Q4), value *: whole units of the company's currency
    trainings.csv   person *, training *, completed_on *

truth.json          Written by the generator, read by tests: what it planted, and totals that it counted while writing.
                    The definition of each total stands in the file.
"""

from connector.sandbox.company.check import check
from connector.sandbox.company.generate import generate
from connector.sandbox.company.truth import Planted, Truth

__all__ = ["Planted", "Truth", "check", "generate"]
