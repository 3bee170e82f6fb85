"""Event logs → counts by week, channel and geo: nobody's own data leaves the database that counts it."""
