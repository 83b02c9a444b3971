"""One folder per source, found when dropped in."""
