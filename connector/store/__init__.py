"""What we remember: database, tables, migrations, records, ledger, outbox, mirror."""
