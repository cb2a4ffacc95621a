"""Measurements: `make bench` writes docs/benchmarks.md. Nothing here is asserted in a test."""
