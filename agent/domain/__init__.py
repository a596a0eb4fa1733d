"""What orders, cases and acts are, and how decisions are made: no I/O, no clock, no log."""
