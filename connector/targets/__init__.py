"""What each person should reach: cascade, season, ramp, proration, relief."""
