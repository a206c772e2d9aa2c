"""The terminal: shows one `Snapshot` at a time and reads keys. Nothing in here fetches, computes a score or holds data."""
