"""A small national market with known truth, made here so that these tests need no other room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import hill

WEEKS = 104
CHANNELS = ("tv", "search")
ALPHA = np.array([0.5, 0.2])
ROAS = np.array([2.5, 4.0])
SPEND = np.array([2.0e5, 1.0e5])

MODEL = """\
data: {file: weekly.csv, date: week, outcome: revenue}
channels:
  tv: {spend: tv_spend}
  search: {spend: search_spend}
organic: [letters]
controls: [price]
sampling: {chains: 4, tune: 400, draws: 400, target_accept: 0.9}
"""


@dataclass(frozen=True, eq=False)
class Market:
    """Weekly rows and what made them."""

    weeks: np.ndarray
    revenue: np.ndarray
    spend: np.ndarray
    letters: np.ndarray
    price: np.ndarray

    def write(self, folder: Path, model: str = MODEL) -> Path:
        """Write the data file and model.yaml; return the latter."""
        rows = ["week,revenue,tv_spend,search_spend,letters,price"]
        table = zip(self.weeks, self.revenue, *self.spend, self.letters, self.price, strict=True)
        rows += [",".join([str(row[0]), *(f"{value:.4f}" for value in row[1:])]) for row in table]
        (folder / "weekly.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        path = folder / "model.yaml"
        path.write_text(model, encoding="utf-8")
        return path


def make_market(seed: int = 7) -> Market:
    """Make a market whose channels return exactly ``ROAS`` by the model's own definition."""
    rng = np.random.default_rng(seed)
    index = np.arange(WEEKS)
    weeks = np.datetime64("2022-01-03") + 7 * index
    shape = np.exp(rng.normal(0, 0.6, (2, WEEKS)))
    shape[0] *= (index // 6) % 2
    spend = shape / shape.sum(axis=1, keepdims=True) * SPEND[:, None]
    effect = np.zeros(WEEKS)
    for c in range(2):
        half = spend[c][spend[c] > 0].mean()
        start = initial_state(spend[c])
        state = geometric_adstock(spend[c], ALPHA[c], start)
        gone = geometric_adstock(np.zeros(WEEKS), ALPHA[c], start)
        after = geometric_adstock(np.zeros(300), ALPHA[c], state[-1])
        lost = (hill(state, half) - hill(gone, half)).sum() + hill(after, half).sum()
        effect += ROAS[c] * SPEND[c] / lost * hill(state, half)
    letters = rng.poisson(100.0, WEEKS).astype(float)
    price = rng.normal(10.0, 1.0, WEEKS)
    season = 2500.0 * np.cos(2 * np.pi * index / 52.18)
    base = 4.0e4 + 20.0 * index + season - 1200.0 * (price - 10.0) + 15.0 * letters
    return Market(weeks, base + effect + rng.normal(0, 1200.0, WEEKS), spend, letters, price)


def nothing_in(*columns: str) -> Market:
    """Make the market with columns that carry nothing: zeros in tv and letters, one price throughout."""
    market = make_market()
    spend = market.spend * np.array([[name not in columns] for name in CHANNELS])
    return replace(
        market,
        spend=spend,
        letters=market.letters * ("letters" not in columns),
        price=np.full_like(market.price, 9.5) if "price" in columns else market.price,
    )
