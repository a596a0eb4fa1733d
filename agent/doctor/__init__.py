"""A read-only visit to a live portal: which entries of its profile are right, and which have to be repaired."""

from agent.doctor.examination import examine
from agent.doctor.findings import Entry, Findings, State, UnknownWord

__all__ = ["Entry", "Findings", "State", "UnknownWord", "examine"]
