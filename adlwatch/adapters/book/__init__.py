"""A JSON book file (`adlwatch-book/1`) as a source: for `check`, for what-if, and for venues no adapter knows."""

from adlwatch.adapters.book.parse import parse
from adlwatch.adapters.book.source import KIND, BookOptions, BookSource, load

__all__ = ["KIND", "BookOptions", "BookSource", "load", "parse"]
