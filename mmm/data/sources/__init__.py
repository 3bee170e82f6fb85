"""Any number of sources → facts: what each file, sheet, table or query holds, every figure with its place."""
