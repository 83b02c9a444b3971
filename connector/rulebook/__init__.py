"""What ops wrote, read and checked: schema, load, check."""
