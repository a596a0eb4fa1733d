"""What people answer: consent, approval, a word about a parcel or an act, and the kill switch."""

from agent.desk.answering import answer
from agent.desk.deciding import approve, cancel, reject, reopen
from agent.desk.finding import find_case
from agent.desk.given import proof_file
from agent.desk.kill_switch import start, stop
from agent.desk.words import Word

__all__ = ["Word", "answer", "approve", "cancel", "find_case", "proof_file", "reject", "reopen", "start", "stop"]
