"""Benchmarks: each module prints its figures with ratios measured in one run."""
