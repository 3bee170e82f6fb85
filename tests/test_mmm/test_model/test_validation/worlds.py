"""A market in which search spend follows what people want anyway, and nobody records what they want."""

from __future__ import annotations

import numpy as np

from mmm.transforms.adstock import geometric_adstock, initial_state
from tests.test_mmm.test_model.market import Market

WEEKS = 208
SEARCH_ROAS = 0.5


def follows_demand(seed: int = 1) -> Market:
    """Make it: demand wanders with a persistence of 0.8 a week; tv is bought in flights that know nothing of it."""
    rng = np.random.default_rng(seed)
    index = np.arange(WEEKS)
    demand = np.zeros(WEEKS)
    for t in range(1, WEEKS):
        demand[t] = 0.8 * demand[t - 1] + 0.6 * rng.standard_normal()
    flights = ((index // 5) % 2) * np.exp(rng.normal(0, 0.5, WEEKS))
    search = np.exp(0.4 * demand + rng.normal(0, 0.2, WEEKS))
    spend = np.array([3.0e5 * flights / flights.sum(), 2.0e5 * search / search.sum()])
    carried = geometric_adstock(spend[0], 0.5, initial_state(spend[0]))
    letters, price = rng.poisson(100.0, WEEKS).astype(float), rng.normal(10.0, 1.0, WEEKS)
    season = 2000.0 * np.cos(2 * np.pi * index / 52.18)
    revenue = 4.0e4 + season - 1000.0 * (price - 10.0) + 2.0 * carried + SEARCH_ROAS * spend[1] + 2500.0 * demand
    return Market(np.datetime64("2022-01-03") + 7 * index, revenue + rng.normal(0, 800.0, WEEKS), spend, letters, price)
