"""Every trial in a process of its own, forked from one that has imported and prepared everything."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any


def forked(work: Callable[[], Any]) -> Any:
    """What `work` returns (as JSON can say it), done by a child that is thrown away. Raises what went wrong as text."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            said = {"found": work()}
        except BaseException:  # noqa: BLE001 - whatever it was is told to the parent
            said = {"error": traceback.format_exc()}
        with os.fdopen(writing, "w") as pipe:
            json.dump(said, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer = json.loads(text) if text else {"error": "the trial's process ended without a word"}
    if "error" in answer:
        raise AssertionError(answer["error"])
    return answer["found"]
