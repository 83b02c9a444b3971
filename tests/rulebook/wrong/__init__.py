"""Files that are wrong in every way we know, and in some that we do not."""
