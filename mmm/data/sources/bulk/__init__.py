"""Large plain text files, summed by day while DuckDB reads them: the same figures as cell by cell, in little memory."""
