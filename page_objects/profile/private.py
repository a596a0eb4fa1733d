"""What nobody may see in evidence and logs."""

import re
from typing import Self

from pydantic import model_validator

from page_objects.profile.strict import Faults, Strict, Words
from page_objects.profile.targets import Target


class Private(Strict):
    """What is cut from pictures, page text, requests, answers and logs alike."""

    fields: Words = ()  # names of detail.fields whose values are private
    targets: tuple[Target, ...] = ()
    keys: Words = ()  # keys in requests and answers
    patterns: Words = ()  # regular expressions

    @model_validator(mode="after")
    def _compile(self) -> Self:
        faults: list[str] = []
        for at, pattern in enumerate(self.patterns):
            try:
                re.compile(pattern)
            except re.error as fault:
                faults.append(f"patterns[{at}]: {pattern!r} is not a regular expression: {fault}")
        if faults:
            raise Faults(faults)
        return self
