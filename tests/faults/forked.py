"""Every trial in a process of its own, forked from one that has imported and prepared everything."""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Callable, Generator, Iterable
from typing import Any

Work = Callable[[], Any]
# One more than there are processors: a short trial that ends before the one that is waited for leaves none idle.
AT_ONCE = (os.cpu_count() or 1) + 1


def forked(work: Work) -> Any:
    """What `work` returns (as JSON can say it), done by a child that is thrown away. Raises what went wrong as text."""
    return _answer(_begun(work))


def side_by_side(works: Iterable[Work], at_once: int = AT_ONCE) -> Generator[Any, None, None]:
    """The same for many, a few at a time; answers in the order of the questions. What went wrong is an answer too: text."""
    under_way: list[tuple[int, int]] = []
    try:
        for work in works:
            under_way.append(_begun(work))
            if len(under_way) == at_once:
                yield _answer(under_way.pop(0), raising=False)
        while under_way:
            yield _answer(under_way.pop(0), raising=False)
    finally:  # nobody asks any more: children are waited for all the same
        for each in under_way:
            _answer(each, raising=False)


def _begun(work: Work) -> tuple[int, int]:
    """A child that does it: its number, and where its answer will come from."""
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what the parent made stays out of the children's collections, and in the pages that they share
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    try:
        said = {"found": work()}
    except BaseException:  # noqa: BLE001 - whatever it was is told to the parent
        said = {"error": traceback.format_exc()}
    with os.fdopen(writing, "w") as pipe:
        json.dump(said, pipe)
    os._exit(0)


def _answer(begun: tuple[int, int], *, raising: bool = True) -> Any:
    child, reading = begun
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer = json.loads(text) if text else {"error": "the trial's process ended without a word"}
    if "error" not in answer:
        return answer["found"]
    if raising:
        raise AssertionError(answer["error"])
    return str(answer["error"])
