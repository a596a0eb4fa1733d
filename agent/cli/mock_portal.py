"""What mock-portal does; only this and the demo know that there is a mock portal."""

from pathlib import Path

from fixtures.mock_portal.__main__ import main


def serve(numbers: dict[str, int], *, skin: str, faults: Path | None) -> int:
    """Serve the mock portal with these options until interrupted; return the exit code."""
    given = [] if faults is None else ["--faults", str(faults)]
    return main([*(f"--{name}={value}" for name, value in numbers.items()), "--skin", skin, *given])
