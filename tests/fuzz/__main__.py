"""`python -m tests.fuzz --seconds 600`: new texts until the time is up, or until something is raised."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.fuzz import texts
from tests.fuzz.promises import of_a_file, of_an_expression
from tests.rulebook.wrong.codes import declared
from tests.rulebook.wrong.desk import Desk
from tests.rulebook.wrong.mutants import mutants
from tests.rulebook.wrong.test_wrong import CRMS, HOME, SHIPPED

ROUND = 500  # texts
_QUIET = settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def main() -> None:
    """Rounds of expressions, files and spoilt rulebooks; the seed is printed, so that a find can be had again."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="of the first round; without it, the clock's")
    asked = parser.parse_args()
    first = int(time.time()) if asked.seed is None else asked.seed
    desk = Desk.over(HOME, CRMS, "mappings/files.yaml")
    shipped = {name: (Path(HOME) / name).read_text(encoding="utf-8") for name in SHIPPED}
    ends, rounds = time.monotonic() + asked.seconds, 0
    while rounds == 0 or time.monotonic() < ends:
        now = first + rounds
        print(f"\rround {rounds + 1}, --seed {now}", end="", flush=True)
        _round(of_an_expression, texts.expressions, now)
        _round(of_a_file, texts.files, now)
        for mutant in mutants(shipped, Random(now).randrange(50, 100), seed=now):
            found = {each.code for each in desk.problems(mutant.file, mutant.text)}
            assert found <= declared(), f"{mutant.file}, {mutant.by}: {found - declared()}"
        rounds += 1
    print(f"\n{rounds} rounds of {2 * ROUND} texts and 50 to 100 spoilt files: nothing but declared errors.")


def _round(promise: Callable[[str], object], strategy: SearchStrategy[str], number: int) -> None:
    def keep(text: str) -> None:
        promise(text)

    seed(number)(_QUIET(given(strategy)(keep)))()


if __name__ == "__main__":
    main()
