"""Facts of all sources → one panel: one calendar, one currency, one name for each channel and geo."""
