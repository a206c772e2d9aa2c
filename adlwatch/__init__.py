"""adlwatch: how close is each perp position to being auto-deleveraged, and what is left naked when it happens."""

__version__ = "0.1.0"
