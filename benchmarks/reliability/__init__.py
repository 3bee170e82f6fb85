"""The reliability scorecard's rows on the model: whole studies here, small forms in ``tests/test_reliability``."""
