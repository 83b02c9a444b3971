"""An invented company, as plain CSV files."""
