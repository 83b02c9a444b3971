"""No secret gets into a log, whoever writes the line and in whatever part of it."""

from __future__ import annotations

import json
import logging
import threading

import pytest
import structlog

from connector.service import logs
from connector.service.logs import HIDDEN, Scrubber

TOKEN = "pat-na1-supersecret-123"
PEM = (
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nQEFAASCBKcwggSjAgEAAoIBAQ\nQ==\n-----END PRIVATE KEY-----"
)


def breaks() -> None:
    raise ValueError(f"Invalid header value {TOKEN!r}")


@pytest.mark.parametrize("name", ["apscheduler.executors.default", "uvicorn.error", "simple_salesforce"])
def test_a_library_tells_no_secret_in_its_traceback(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure([TOKEN], json_lines=True)
    try:
        breaks()
    except ValueError:
        logging.getLogger(name).exception("Job %s raised %s", "cycle", TOKEN)
    said = capsys.readouterr().err
    assert said.startswith(f"ERROR:{name}:Job cycle raised {HIDDEN}\nTraceback ")
    assert said.endswith(f"ValueError: Invalid header value '{HIDDEN}'\n")
    assert TOKEN not in said


def test_nor_in_the_stack_that_it_shows_or_kept_from_a_line_before(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure([TOKEN], json_lines=True)
    record = logging.makeLogRecord({"name": "urllib3", "levelno": 40, "levelname": "ERROR", "msg": "broken"})
    record.exc_text, record.stack_info = f"raised {TOKEN}", f"called with {TOKEN}"
    logging.getLogger("urllib3").handle(record)
    assert capsys.readouterr().err == f"ERROR:urllib3:broken\nraised {HIDDEN}\ncalled with {HIDDEN}\n"


@pytest.mark.parametrize("json_lines", [True, False])
def test_nor_do_we(capsys: pytest.CaptureFixture[str], json_lines: bool) -> None:
    logs.configure([TOKEN], json_lines=json_lines)
    try:
        breaks()
    except ValueError as error:
        structlog.get_logger().exception("cycle_failed", error=repr(error), tried=[TOKEN])
    said = capsys.readouterr().err
    assert TOKEN not in said
    assert said.count(HIDDEN) == 3  # the error, what was tried, and the traceback


def test_nor_does_a_thread_that_an_error_ended(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure([TOKEN], json_lines=True)
    monkeypatch.setattr(threading, "excepthook", logs.thread_failed)
    thread = threading.Thread(target=breaks, name="door")
    thread.start()
    thread.join()
    said = json.loads(capsys.readouterr().err)
    assert (said["event"], said["thread"], TOKEN in str(said)) == ("thread_failed", "door", False)
    assert said["exception"].endswith(f"ValueError: Invalid header value '{HIDDEN}'")


def test_a_line_of_a_key_is_as_secret_as_the_key_and_its_frame_is_not() -> None:
    scrub = Scrubber([PEM]).text
    assert scrub("MIIEvQIBADANBgkqhkiG9w0BAQ is odd") == f"{HIDDEN} is odd"
    assert scrub(repr(PEM)) == rf"'-----BEGIN PRIVATE KEY-----\n{HIDDEN}\n{HIDDEN}\nQ==\n-----END PRIVATE KEY-----'"
    assert scrub(PEM) == HIDDEN
    assert scrub("begins with -----BEGIN PRIVATE KEY-----") == "begins with -----BEGIN PRIVATE KEY-----"
