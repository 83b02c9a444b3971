"""What every part of the doctor has at hand."""

from __future__ import annotations

from dataclasses import dataclass

from connector.crm.salesforce.describe import Describer
from connector.crm.salesforce.org import Org
from connector.ports import Finding, Severity


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one org."""

    org: Org
    describer: Describer

    def finding(self, subject: str, severity: Severity, text: str, cure: str = "") -> Finding:
        """What was found of the connection."""
        return Finding(self.org.connection, subject, severity, text, cure)
