"""The decision benchmark: market → data → fit → plan → replay, for this package, its peers and plain rules.

``worlds`` names the markets, ``tasks`` states what is to be planned, ``ours``, ``peers`` and ``rules`` answer, ``best``
knows the truth, ``judge`` replays, ``tables`` writes. ``python -m benchmarks.decision`` runs it all and resumes.
"""
