"""The command `attain`: every ending has an exit code."""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    """Run the command line. Errors we raise on purpose end with their own code; our bugs end with 70."""
    from connector.cli.app import app
    from connector.errors import ConnectorError
    from connector.service.logs import thread_failed

    # Whatever we write names people and what they reached: nobody else reads it, unless its owner lets them.
    os.umask(0o077)
    threading.excepthook = thread_failed
    try:
        app()
    except ConnectorError as error:
        _tell(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)  # whoever read us has seen enough
    except Exception:  # noqa: BLE001 - the last resort, and it hides nothing
        import traceback

        _tell(traceback.format_exc() + "This is a bug in attain. Nothing that was under way is lost.")
        sys.exit(70)


def _tell(words: str) -> None:
    """To stderr, for stdout is for answers; whatever a library put into its error, no secret is told."""
    from connector.service.logs import scrubbed

    print(scrubbed(words), file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
