"""What the data room shows: the data report, the pictures of coverage, the lineage of every cell."""
