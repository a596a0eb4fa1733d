"""Steps from one schema to the next; a step that was released is never edited."""

LATEST = "0006"
