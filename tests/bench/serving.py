"""Both stand-in CRMs in a process of their own, writing down what they are asked.

`python -m tests.bench.serving FOLDER LOG`: each number of minutes on stdin puts the clock forward; the end of stdin is the end.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from connector.sandbox.town import town
from connector.sandbox.wire import Request, Response, Service, Switches

UNSEEN = "x-bench-unseen"  # requests with this header are the bench's own
CLIENT, SECRET, REFRESH = "3MVG9sandbox.peer", "opens-the-sandbox", "5Aep861sandbox"  # a peer's log-in to Salesforce


class Recorder:
    """Passes requests on, and writes them down in the order of arrival."""

    def __init__(self, service: Service, name: str, log: TextIO, lock: threading.Lock) -> None:
        self._service, self._name, self._log, self._lock = service, name, log, lock

    def answer(self, request: Request) -> Response:
        if UNSEEN not in request.headers:
            body = base64.b64encode(request.body).decode()
            wanted = {"crm": self._name, "method": request.method, "path": request.path, "query": list(request.query)}
            with self._lock:
                self._log.write(json.dumps({**wanted, "body": body}) + "\n")
                self._log.flush()
        return self._service.answer(request)


def main(folder: Path, log_path: Path) -> None:
    """The first line on stdout says where the CRMs are and how to log in."""
    lock, ahead = threading.Lock(), timedelta(0)

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    with log_path.open("w", encoding="utf-8") as log:

        def witness(name: str, service: Service) -> Service:
            return Recorder(service, name, log, lock)

        with town(folder, now=now, switches=Switches(limits=False), around=witness) as found:
            found.salesforce.register_client(CLIENT, SECRET, REFRESH)
            said = {
                "salesforce": found.salesforce_url,
                "hubspot": found.hubspot_url,
                "key": found.private_key,
                "token": found.token,
            }
            print(json.dumps(said), flush=True)
            for line in sys.stdin:
                ahead += timedelta(minutes=float(line))
                print(json.dumps({"ahead": ahead.total_seconds()}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
