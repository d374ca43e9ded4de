"""Hits, and what is counted and reported of them."""
