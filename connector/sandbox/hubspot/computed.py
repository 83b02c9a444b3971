"""Properties that HubSpot works out itself, as SQL over a record `r`; one form for showing and for searching."""

from __future__ import annotations

from connector.sandbox.hubspot.kinds import DEALS, Kind

_STAGE = "json_extract(r.properties, '$.dealstage')"
_AMOUNT = "json_extract(r.properties, '$.amount')"
_CURRENCY = "json_extract(r.properties, '$.deal_currency_code')"

# The rate of the close date, or today's while that is still to come; NULL for a currency without one.
_CONVERSION = f"""(SELECT conversion FROM rates WHERE currency = {_CURRENCY}
    AND starts_on <= min(substr(coalesce(json_extract(r.properties, '$.closedate'), '9999'), 1, 10), today())
    ORDER BY starts_on DESC LIMIT 1)"""

_OWN_CURRENCY = f"coalesce({_CURRENCY}, '') IN ('', (SELECT value FROM settings WHERE name = 'currency'))"


def _of_stage(column: str) -> str:
    return f"(SELECT {column} FROM stages WHERE stages.id = {_STAGE})"


_OF_DEALS = {
    "hs_is_closed": _of_stage("closed"),
    "hs_is_closed_won": _of_stage("won"),
    "hs_is_closed_lost": _of_stage("CASE WHEN closed = 'true' AND won = 'false' THEN 'true' ELSE 'false' END"),
    "hs_deal_stage_probability": _of_stage("precise"),
    "hs_exchange_rate": f"CASE WHEN {_OWN_CURRENCY} THEN '1' ELSE precise({_CONVERSION}) END",
    "amount_in_home_currency": f"""CASE WHEN {_OWN_CURRENCY} THEN {_AMOUNT}
        ELSE precise(CAST(NULLIF({_AMOUNT}, '') AS REAL) * {_CONVERSION}) END""",
}
_ENTERED = "hs_v2_date_entered_"


def expression(kind: Kind, name: str) -> str | None:
    """SQL whose value is the property's text; None: the property is kept, not computed."""
    if name == "hs_object_id":
        return "CAST(r.id AS TEXT)"
    if name == kind.modified:
        return "stamp(r.modified)"
    if name == kind.created:
        return "stamp(r.created)"
    if name == "hs_object_source":
        return "coalesce(json_extract(r.properties, '$.hs_object_source'), 'CRM_UI')"
    if kind is DEALS and name.startswith(_ENTERED):
        return _entered(name.removeprefix(_ENTERED))
    return _OF_DEALS.get(name) if kind is DEALS else None


def text_sql(kind: Kind, name: str) -> str:
    """SQL for any property's text, computed or kept; the name must be that of a definition."""
    computed = expression(kind, name)
    return f"""json_extract(r.properties, '$."{name}"')""" if computed is None else computed


def _entered(stage: str) -> str:
    """When the deal last came into the stage; without history, a deal has been where it is since it was created."""
    literal = "'" + stage.replace("'", "''") + "'"
    return f"""coalesce(
        (SELECT value_moment(max(at)) FROM history
            WHERE kind = {DEALS.number} AND history.id = r.id AND property = 'dealstage' AND value = {literal}),
        CASE WHEN {_STAGE} = {literal} THEN value_moment(r.created) END)"""
