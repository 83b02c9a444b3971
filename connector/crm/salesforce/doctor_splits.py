"""Whether more than one split type shares out the amount of a deal.

An org has a revenue type, whose shares must add up to 100 %, and may have types of its own, on other currency fields too,
that must as well (source: https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-opportunitysplittype.html,
and Salesforce Help, "Create Custom Split Types"). Read as one, they add up to 200 %, and nobody is credited.
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.crm.salesforce import soql
from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org
from connector.normalise.mapping import CrmMapping
from connector.ports import Finding, Severity

TYPES, SPLITS = "OpportunitySplitType", "OpportunitySplit"
WHOLE = "SplitType.IsTotalValidated"  # what a mapping asks that takes every such type for shares of the amount
_NAMES = ("DeveloperName", "IsTotalValidated")


def findings(org: Org, describer: Describer, mapping: CrmMapping) -> Iterator[Finding]:
    """What types there are, where splits are mapped. Raises what the org raises."""
    mapped = next((each for each in mapping.sources if each.object == SPLITS), None)
    if mapped is None or not describer.shows(SPLITS) or not describer.shows(TYPES, *_NAMES):
        return
    rows = org.all_rows(soql.select(_NAMES, TYPES, where=[soql.truth("IsActive", is_set=True)]))
    whole = sorted(str(each["DeveloperName"]) for each in rows if each.get("IsTotalValidated") is True)
    others = sorted(str(each["DeveloperName"]) for each in rows if each.get("IsTotalValidated") is not True)
    text = f"types that share out 100 %: {', '.join(whole) or 'none'}; overlays: {', '.join(others) or 'none'}"
    if len(whole) > 1 and mapped.fields.get("counts") == WHOLE:
        cure = (
            "say which one shares out the amount: `counts: SplitType.DeveloperName`, and below it "
            f'`values: {{counts: {{{whole[0]}: "true", …}}}}`; "false" is an overlay, and types not listed are left out'
        )
        yield Finding(org.connection, SPLITS, Severity.ERROR, text, cure)
    else:
        yield Finding(org.connection, SPLITS, Severity.OK, text)
