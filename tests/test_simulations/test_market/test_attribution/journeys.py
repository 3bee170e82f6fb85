"""Random journeys for the laws of attribution."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from simulations.market.attribution.paths import Paths


def paths_of(journeys: list[tuple[str, float | None]], channels: str | None = None, **more: float) -> Paths:
    """One letter a touch; None for a journey without a purchase."""
    names = channels or "".join(sorted({letter for path, _ in journeys for letter in path}))
    lengths = [len(path) for path, _ in journeys]
    return Paths(
        channels=tuple(names),
        touches=np.array([names.index(letter) for path, _ in journeys for letter in path], dtype=np.int64),
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        converted=np.array([money is not None for _, money in journeys]),
        value=np.array([money or 0.0 for _, money in journeys]),
        **more,
    )


MONEY = st.one_of(st.none(), st.floats(0.5, 100.0))
JOURNEYS = st.lists(st.tuples(st.text("abcd", min_size=1, max_size=6), MONEY), min_size=1, max_size=25)
PATHS = JOURNEYS.map(lambda journeys: paths_of(journeys, "abcd"))
