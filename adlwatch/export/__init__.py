"""Snapshots for other programs and other eyes: JSON lines, Prometheus, plain words. Nothing in here fetches or decides."""
