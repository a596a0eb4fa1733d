"""Bring up real back offices, run the tests that need them, and say how each went: ``scripts/test-real``."""

import argparse
import pkgutil
import subprocess
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from itertools import takewhile
from pathlib import Path

import fixtures.real

ROOT = Path(__file__).parents[2]
NOT_HERE = 3  # what a product's own command ends with where it cannot be installed


class End(StrEnum):
    """How it went with one product."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_HERE = "not installable here"


def main(argv: Sequence[str] | None = None) -> int:
    """Return 1 where a product failed, else 3 where one is not installable here, else 0."""
    words = sys.argv[1:] if argv is None else list(argv)
    named = list(takewhile(lambda word: not word.startswith("-") or word in {"-h", "--help"}, words))
    args, for_pytest = _parser().parse_args(named), words[len(named) :]
    if unknown := sorted(set(args.product) - set(products())):
        _parser().error(f"no such product: {', '.join(unknown)}")
    ends: dict[str, End] = {}
    lines: list[str] = []
    for product in args.product or products():
        began = time.monotonic()
        ends[product] = test(product, for_pytest)
        lines.append(f"{product}: {ends[product]} ({time.monotonic() - began:.0f} s)")
    sys.stdout.write("\n".join(lines) + "\n")
    if End.FAILED in ends.values():
        return 1
    return NOT_HERE if End.NOT_HERE in ends.values() else 0


def products() -> list[str]:
    """Return the products that there is a bring-up for."""
    return sorted(found.name for found in pkgutil.iter_modules(fixtures.real.__path__) if found.ispkg)


def test(product: str, for_pytest: Sequence[str]) -> End:
    """Install a product where it is missing, and run its tests."""
    installed = _run("-m", f"fixtures.real.{product}", "install")
    if installed:
        return End.NOT_HERE if installed == NOT_HERE else End.FAILED
    # A run that collects nothing ends with 5: nothing was shown, so it has not passed.
    return End.FAILED if _run("-m", "pytest", "tests/real", "--real", product, *for_pytest) else End.PASSED


def _run(*words: str) -> int:
    """Run a module with our own Python; what it says goes to stderr, where progress belongs."""
    return subprocess.run([sys.executable, *words], cwd=ROOT, check=False, stdout=sys.stderr).returncode  # noqa: S603


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/test-real", description=__doc__, epilog="What follows the first other option is handed to pytest."
    )
    parser.add_argument("product", nargs="*", help=f"of {', '.join(products())}; all, if left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
