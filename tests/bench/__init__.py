"""What closewright costs, measured against a bare script over the same clicks: ``python -m tests.bench``."""
