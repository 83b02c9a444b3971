"""The loop around the loop: trials, compare, diff, lint, suggest, review."""
