"""Many cycles of a company's life, over HTTP, against both stand-in CRMs."""
