"""The launcher of other people's programs: named hosts end here, and everything else ends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.bench.programs import void
from tests.bench.singer import LAUNCHER


class Echo(BaseHTTPRequestHandler):
    """Says which host and path somebody believed to ask."""

    def do_GET(self) -> None:
        body = f"{self.headers['Host']} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def echo() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def launched(place: Path, program: str, *arguments: str) -> tuple[str, str]:
    """What a program printed, and the last line of what it complained of."""
    path = place / "program.py"
    path.write_text(program, encoding="utf-8")
    with echo() as url:
        command: list[str | Path] = [
            sys.executable,
            "-I",
            LAUNCHER,
            json.dumps({"api.vendor.example": url}),
            path,
            *arguments,
        ]
        proxies = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=proxies)
    assert bool(done.returncode) == bool(done.stderr)
    return done.stdout, done.stderr.strip().rpartition("\n")[2]


def test_a_named_host_is_led_to_the_loopback(tmp_path: Path) -> None:
    program = "import requests, sys; print(requests.get(sys.argv[1], params={'a': '1'}).text)"
    said, _ = launched(tmp_path, program, "https://api.vendor.example/v3/deals")
    assert said == "api.vendor.example /v3/deals?a=1\n"


@pytest.mark.parametrize("url", ["https://other.vendor.example/", "http://127.0.0.1:9/"])
def test_a_host_that_nobody_named_is_refused(tmp_path: Path, url: str) -> None:
    _, complaint = launched(tmp_path, "import requests, sys; requests.get(sys.argv[1])", url)
    assert complaint.endswith("is not among api.vendor.example")


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("import socket; socket.getaddrinfo('vendor.invalid', 443)", "vendor.invalid is not this machine"),
        ("import socket; socket.create_connection(('127.0.0.2', 9))", "127.0.0.2 is not this machine"),
        (
            "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('127.0.0.2', 9))",
            "127.0.0.2 is not this machine",
        ),
        ("import subprocess; subprocess.run(['true'])", "another process: subprocess.Popen"),
        ("import os; os.system('true')", "another process: os.system"),
    ],
)
def test_no_other_way_leads_out(tmp_path: Path, program: str, complaint: str) -> None:
    _, said = launched(tmp_path, program)
    assert said.endswith(complaint)


def test_two_programs_that_read_other_rows_are_not_compared() -> None:
    assert void({"deals": 3}, {"deals": 3}, first=True) == ""
    assert void({"deals": 3}, {}, first=True) == "; VOID, it read deals 0 for 3"
    assert void({"deals": 3}, {"deals": 4}, first=True) == "; VOID, it read deals 4 for 3"
    assert void({"deals": 3}, {"deals": 4}, first=False) == "", "what stood at the bookmark comes once more"
    assert void({"deals": 3}, {"deals": 2}, first=False) == "; VOID, it read deals 2 for 3"
