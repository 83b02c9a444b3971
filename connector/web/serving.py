"""Serving an application beside the schedule, in a thread of its own, until the schedule ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
import uvicorn

from connector.errors import ConfigError, Place, Problem
from connector.flow.house import House
from connector.flow.taking import take
from connector.web.door import door

log = structlog.get_logger()

AT_THE_END = 2  # seconds for requests that are under way


@contextmanager
def open_door(house: House, wake: Callable[[], None]) -> Iterator[None]:
    """Hear CRMs while this lasts, where the config has a door; `wake` is called when something was heard.

    Raises ConfigError when the address is taken or not ours.
    """
    address = house.settings.door
    if address is None:
        yield
        return
    listening = _bound(address.host, address.port)
    app = door(house.crms, partial(take, house), house.store, house.world, wake)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=AT_THE_END,
        server_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="door", daemon=True)
    thread.start()
    log.info("door_open", host=address.host, port=address.port)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(AT_THE_END + 1)
        listening.close()


def _bound(host: str, port: int) -> socket.socket:
    """The socket, taken before anything else happens: a second process is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        text = f"nobody can listen at {host}:{port} here: {error.strerror or error}"
        raise ConfigError([Problem(Place("door"), "no-door", text, "choose another port")]) from error
    return found
