"""Ratios against known tools in one run, because machines are noisy: `make bench` prints them as a table."""
