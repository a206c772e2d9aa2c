"""The configuration file: TOML, read strictly, into frozen values.

Whatever is wrong becomes a `ConfigError` of one line: file, table, key, what was expected, and the nearest right name.
"""

from adlwatch.config.read import default_path, load, parse
from adlwatch.config.shape import Config, ConfigError, Display, HistoryTable, Log
from adlwatch.config.sources import refuse_private_key, source_spec

__all__ = [
    "Config",
    "ConfigError",
    "Display",
    "HistoryTable",
    "Log",
    "default_path",
    "load",
    "parse",
    "refuse_private_key",
    "source_spec",
]
