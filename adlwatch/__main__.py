"""`adlwatch` and `python -m adlwatch`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from adlwatch.cli import run  # noqa: PLC0415  # kept out of the import of this module, which is an entry point

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
