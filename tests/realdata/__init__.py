"""Real-looking data that nobody on the team wrote, run through the product as a user would run it."""
