"""Request files: CSV, XLSX or JSON Lines in, wishes to close orders out, or every fault at once."""

from agent.request_file.faults import FAULTS_SHOWN
from agent.request_file.proofs import PROOF_BYTES, PROOF_SUFFIXES
from agent.request_file.reading import read_requests

__all__ = ["FAULTS_SHOWN", "PROOF_BYTES", "PROOF_SUFFIXES", "read_requests"]
