"""The database: cases, journal, intents, limits, approvals, stops; the only place with SQL."""
