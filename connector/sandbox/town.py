"""Both stand-in CRMs up and running, with the keys that open them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.sandbox.company.columns import COMPANY
from connector.sandbox.hubspot import HubSpotSandbox
from connector.sandbox.salesforce import SalesforceSandbox
from connector.sandbox.serve import serve
from connector.sandbox.wire import Clock, Service, Switches

CONSUMER_KEY = "3MVG9sandbox.attain"
USERNAME = "attain@sandbox.example.com"
HUBSPOT_TOKEN = "pat-eu1-sandbox"  # noqa: S105 - opens the sandbox, and nothing else


@dataclass(frozen=True, slots=True)
class Town:
    """Where both CRMs answer, and how to log in."""

    salesforce: SalesforceSandbox
    hubspot: HubSpotSandbox
    salesforce_url: str
    hubspot_url: str
    private_key: str  # PEM, for the JWT bearer log-in

    consumer_key: str = CONSUMER_KEY
    username: str = USERNAME
    token: str = HUBSPOT_TOKEN


@contextmanager
def town(
    folder: Path,
    *,
    now: Clock,
    switches: Switches | None = None,
    salesforce_port: int = 0,
    hubspot_port: int = 0,
    around: Callable[[str, Service], Service] = lambda _name, service: service,
) -> Iterator[Town]:
    """Serve the company of a folder on the loopback until the block ends; `around` may put a witness before each."""
    currency = str(json.loads((folder / COMPANY).read_text(encoding="utf-8"))["currency"])
    chosen = switches or Switches()
    private_key, public_key = _key_pair()
    salesforce = SalesforceSandbox(now=now, switches=chosen, currency=currency)
    hubspot = HubSpotSandbox(now=now, switches=chosen, currency=currency)
    salesforce.register(CONSUMER_KEY, public_key, USERNAME)
    hubspot.allow(HUBSPOT_TOKEN)
    salesforce.load(folder)
    hubspot.load(folder)
    with ExitStack() as stack:
        first = stack.enter_context(serve(around("salesforce", salesforce), port=salesforce_port))
        second = stack.enter_context(serve(around("hubspot", hubspot), port=hubspot_port))
        yield Town(salesforce, hubspot, first.url, second.url, private_key)


def _key_pair() -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
