"""The first configuration file: what the welcome screen writes, never over one that is there."""

from pathlib import Path

STARTER = """\
# adlwatch: what to watch. Every option: config.example.toml in the repository.
# Take the # away from one source below, and put your own values in.

# A public Hyperliquid address needs no key:
# [[source]]
# id = "hl-main"
# kind = "hyperliquid"
# address = "0x0000000000000000000000000000000000000000"

# A book file, watched for changes:
# [[source]]
# id = "book"
# kind = "book"
# path = "book.json"

# The built-in mock exchange, nothing real:
[[source]]
id = "mock"
kind = "mock"
"""


def write(path: Path) -> str:
    """Write the file and say so. Raises OSError, FileExistsError where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(STARTER)
    path.chmod(0o600)
    return f"Wrote {path}: edit it, then start adlwatch again."
