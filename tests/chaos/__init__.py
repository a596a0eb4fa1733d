"""Faults and kills, at random and at every boundary, judged by the portal's ledger: ``python -m tests.chaos``."""
