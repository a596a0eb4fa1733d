"""Teaching a portal: a scripted person points, and what is written has to work."""
