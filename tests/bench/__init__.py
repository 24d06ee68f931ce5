"""Benchmarks: run one with `python -m tests.bench.NAME`; no test looks at a clock."""
