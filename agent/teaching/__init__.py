"""Teaching a new portal: a person points at what a back office shows, and a profile is written; nothing is changed."""
