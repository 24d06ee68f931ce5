"""Benchmarks: run one with `python -m tests.bench.NAME`; no test depends on their figures."""
