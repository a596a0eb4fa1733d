"""What doctor finds of changes that a portal's next release might bring."""
