"""The command `attain`: every ending has an exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Errors we raise on purpose end with their own code; our bugs end with 70."""
    from connector.cli.app import app
    from connector.errors import ConnectorError

    try:
        app()
    except ConnectorError as error:
        print(error, file=sys.stderr)  # noqa: T201 - stdout is for answers
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)  # whoever read us has seen enough
    except Exception:  # noqa: BLE001 - the last resort, and it hides nothing
        import traceback

        traceback.print_exc()
        print("This is a bug in attain. Nothing that was under way is lost.", file=sys.stderr)  # noqa: T201
        sys.exit(70)


if __name__ == "__main__":
    main()
