"""Make weekly.csv and truth.json again, the same bytes every time: an invented chain of garden centres, six regions.

$ python examples/geo/regenerate.py [FOLDER]

Without FOLDER the files beside this script are rewritten. Every region follows the usual formulas (geometric adstock,
Hill saturation), with parameters of its own around the channel's: what partial pooling is for.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmm.arrays import FloatArray
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import hill

HERE = Path(__file__).resolve().parent
SEED = 7
FIRST, WEEKS, LATER = np.datetime64("2024-01-01"), 104, 200
PEOPLE = {
    "North": 2_650_000, "East": 1_480_000, "South": 3_300_000, "West": 4_100_000, "Centre": 2_050_000,
    "Lakes": 720_000,
}  # fmt: skip
#: The centre in Lakes was rebuilt for five weeks: no rows, which is not the same as nothing sold.
CLOSED = ("Lakes", slice(70, 75))


@dataclass(frozen=True)
class Channel:
    """What a channel is: money per head and week on air, what it returns over all regions, how it works."""

    per_head: float
    roas: float
    retention: float
    half: float
    on_air: float
    national: bool = False


CHANNELS = {
    "tv": Channel(0.016, 1.8, 0.6, 1.4, 0.55, national=True),
    "radio": Channel(0.007, 2.4, 0.35, 1.2, 0.5),
    "social": Channel(0.009, 3.0, 0.25, 1.6, 0.75),
}


def spending(rng: np.random.Generator, channel: Channel, people: FloatArray) -> FloatArray:
    """Return whole money a week, (G, T): bursts on and off; a national channel runs everywhere at once."""
    rows = 1 if channel.national else len(people)
    level = np.exp(rng.normal(0.0, 0.35, (rows, WEEKS)))
    if channel.on_air < 1.0:
        level *= np.repeat(rng.random((rows, WEEKS // 5 + 1)) < channel.on_air, 5, axis=1)[:, :WEEKS]
    money = channel.per_head * level * people[:, None]
    # National money is booked for the whole country and falls to regions by their people.
    return np.round(money.sum(axis=0)) * (people / people.sum())[:, None] if channel.national else np.round(money)


def effect(
    rng: np.random.Generator, channel: Channel, spend: FloatArray, seen: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return outcome a week in every region, (G, T), and each region's ROAS, (G,).

    Scaled so that the channel returns its ROAS over all regions. The ROAS is the model's: what is lost without the
    spend of the window, carryover after it included, over that spend.
    """
    people = np.array(list(PEOPLE.values()), dtype=np.float64)
    geos = len(people)
    retention = 1.0 / (
        1.0 + np.exp(-(np.log(channel.retention / (1.0 - channel.retention)) + rng.normal(0, 0.15, geos)))
    )
    half = channel.half * channel.per_head * np.exp(rng.normal(0, 0.15, geos))
    size = people * np.exp(rng.normal(0, 0.25, geos))
    per_head = spend / people[:, None]
    start = initial_state(per_head)
    after = np.zeros((geos, LATER))

    def run(media: FloatArray) -> FloatArray:
        state = np.array([geometric_adstock(row, a, s) for row, a, s in zip(media, retention, start, strict=True)])
        return size[:, None] * hill(state, half[:, None])

    whole = np.concatenate([per_head, after], axis=1)
    without = np.concatenate([per_head * (1.0 - seen), after], axis=1)
    counted = np.concatenate([seen, np.ones((geos, LATER))], axis=1)
    lost, spent = ((run(whole) - run(without)) * counted).sum(axis=1), (spend * seen).sum(axis=1)
    scale = channel.roas * spent.sum() / lost.sum()
    return run(per_head) * scale, lost * scale / spent


def main(folder: Path) -> None:
    rng = np.random.default_rng(SEED)
    people = np.array(list(PEOPLE.values()), dtype=np.float64)
    names = list(PEOPLE)
    seen = np.ones((len(people), WEEKS))
    seen[names.index(CLOSED[0]), CLOSED[1]] = 0.0
    weeks = FIRST + 7 * np.arange(WEEKS)
    year = 2.0 * np.pi * np.arange(WEEKS) / 52.18
    spend = {name: spending(rng, channel, people) for name, channel in CHANNELS.items()}
    made = {name: effect(rng, channel, spend[name], seen) for name, channel in CHANNELS.items()}
    price = np.round(100.0 + rng.normal(0.0, 2.0, (len(people), WEEKS)), 1)
    level = 0.32 * people * np.exp(rng.normal(0.0, 0.15, len(people)))
    season = 1.0 + 0.12 * np.sin(year - 0.6) + 0.03 * np.cos(2 * year) + 0.0006 * np.arange(WEEKS)
    base = level[:, None] * (season - 0.011 * (price - 100.0))
    noise = 0.06 * level[:, None] * rng.standard_normal((len(people), WEEKS))
    sales = np.round(base + sum(weekly for weekly, _ in made.values()) + noise)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "weekly.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["week", "region", "people", "sales", *(f"{name}_spend" for name in CHANNELS), "price_index"])
        for t, week in enumerate(weeks):
            for g, region in enumerate(names):
                if seen[g, t]:
                    money = [
                        f"{spend[name][:, t].sum() if channel.national else spend[name][g, t]:.0f}"
                        for name, channel in CHANNELS.items()
                    ]
                    rows.writerow([week, region, int(people[g]), f"{sales[g, t]:.0f}", *money, f"{price[g, t]:.1f}"])
    truth = {
        "roas": {name: channel.roas for name, channel in CHANNELS.items()},
        "roas_by_region": {
            name: dict(zip(names, np.round(by_region, 4).tolist(), strict=True))
            for name, (_, by_region) in made.items()
        },
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
