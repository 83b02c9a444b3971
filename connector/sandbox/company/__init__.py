"""The generator of an invented company."""

from connector.sandbox.company.generate import generate

__all__ = ["generate"]
