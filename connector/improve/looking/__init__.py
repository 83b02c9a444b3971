"""Looking, not judging: patterns that are worth a word with somebody, each beside how usual it is. Off unless allowed."""
