"""How Salesforce says no: a status, a code and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Refused(Exception):
    """A request, or one row of it, that Salesforce turns down."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: Sequence[str] | None = None,
    ) -> None:
        self.code, self.message, self.status, self.fields = code, message, status, fields
        super().__init__(f"{code}: {message}")

    def request_error(self) -> list[dict[str, Any]]:
        """The body of a refused request: a list, and `fields` only where a record was at fault."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]

    def row_error(self) -> dict[str, Any]:
        """The same inside a collection's result, where the code goes by another name."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


def no_such_resource() -> Refused:
    return Refused("NOT_FOUND", "The requested resource does not exist", status=404)


def no_such_column(field: str, entity: str) -> Refused:
    """The wording for a record's body; a query has its own."""
    return Refused("INVALID_FIELD", f"No such column '{field}' on sobject of type {entity}", fields=[])
