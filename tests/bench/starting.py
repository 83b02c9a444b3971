"""How long `attain --help` takes, beside an interpreter that does nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.report import Line, best_of


def line() -> Line:
    """The best of five, in turn."""
    attain = Path(sys.executable).parent / "attain"
    ours, bare = best_of(
        5,
        lambda: subprocess.run([attain, "--help"], capture_output=True, check=True),
        lambda: subprocess.run([sys.executable, "-c", "pass"], capture_output=True, check=True),
    )
    return Line("attain --help", ours, bare, None, peer="python -c pass", most=0.35)
