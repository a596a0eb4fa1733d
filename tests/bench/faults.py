"""What stops a measurement."""


class BenchFault(Exception):
    """The bench measured something else than it was meant to; its numbers would mean nothing."""
