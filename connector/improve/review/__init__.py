"""The review of a period: what was reached and why, what was said, and what might be changed. Changes nothing itself."""
