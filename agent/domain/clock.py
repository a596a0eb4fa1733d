"""The one way in which closewright asks for the time."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]  # answers with an aware time, in any zone
