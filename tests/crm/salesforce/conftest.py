"""A connection to Salesforce for tests: a virtual clock, a real key, the mapping that ships."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.model.settings import ConnectionSettings
from connector.ports import World


class Time:
    """A clock that only moves when told, or when somebody sleeps."""

    def __init__(self, now: datetime = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)) -> None:
        self.now = now
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def world(self) -> World:
        return World(lambda: self.now, self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def settings(
    private_key: str, overlap: timedelta | None = None, settle: timedelta | None = None, /, **options: str
) -> ConnectionSettings:
    """The connection `emea`, logging in by JWT."""
    given = {"consumer_key": "3MVG9.attain", "username": "attain@example.com", "private_key": private_key, **options}
    return ConnectionSettings("emea", "salesforce", given, None, write=True, overlap=overlap, settle=settle)
