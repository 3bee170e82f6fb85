"""A small fit written by hand: 3 paid channels (one on exposures), one organic, one control, 60 weeks, 4 chains."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis
from simulations.scenario import ScenarioSet

START = date(2027, 1, 4)


def make_response(
    *,
    weeks: int = 60,
    chains: int = 4,
    per_chain: int = 30,
    seed: int = 1,
    value: float = 1.0,
    is_money: bool = True,
    demand: bool = False,
    slope: float = 1.0,
    names: tuple[str, ...] = ("tv", "search", "social"),
    sigma: float = 4_000.0,
) -> ResponseDraws:
    rng = np.random.default_rng(seed)
    draws, count = chains * per_chain, len(names)
    first = np.datetime64("2027-01-04") - np.timedelta64(7 * weeks, "D")
    dates = first + np.timedelta64(7, "D") * np.arange(weeks)
    spend = rng.uniform(4_000, 12_000, size=(count, 1, weeks))
    spend[0, :, ::5] = 0.0
    media = spend.copy()
    media[-1] *= 25.0  # exposures: 25 a unit of money
    half = media.mean(axis=(1, 2))[:, None, None] * rng.lognormal(0, 0.2, (count, 1, draws))
    paid = MediaDraws(
        names=names,
        media=media,
        saturation=(Saturation.HILL, Saturation.LOGISTIC, *(Saturation.HILL,) * (count - 2)),
        alpha=rng.uniform(0.1, 0.7, (count, 1, draws)),
        half_saturation=half,
        slope=np.full((count, 1, draws), slope),
        beta=rng.lognormal(np.log(22_000), 0.3, (count, 1, draws)),
    )
    letters = rng.uniform(0, 5, size=(1, 1, weeks))
    organic = MediaDraws(
        names=("newsletter",),
        media=letters,
        saturation=(Saturation.HILL,),
        alpha=np.full((1, 1, draws), 0.3),
        half_saturation=np.full((1, 1, draws), 2.0),
        slope=np.ones((1, 1, draws)),
        beta=rng.lognormal(np.log(3_000), 0.2, (1, 1, draws)),
    )
    basis = TimeBasis.fit_window(dates, fourier_order=1)
    coef = np.zeros((len(basis.names) + 1, 1, draws))
    coef[0] = rng.normal(90_000, 1_500, draws)
    coef[1] = rng.normal(5_000, 500, draws)
    coef[2:4] = rng.normal(3_000, 300, (2, 1, draws))
    coef[-1] = rng.normal(-1_000, 200, draws)
    baseline = BaselineDraws(
        basis=basis,
        control_names=("price",),
        controls=rng.normal(10, 1, (1, 1, weeks)),
        control_center=np.full((1, 1), 10.0),
        control_scale=np.ones((1, 1)),
        coef=coef,
        sigma=np.full((1, draws), sigma),
    )
    return ResponseDraws(
        weeks=dates,
        geos=("national",),
        outcome_name="revenue" if value == 1.0 else "orders",
        outcome_is_money=is_money,
        currency="EUR",
        outcome=np.full((1, weeks), 110_000.0),
        value_per_outcome=np.full((1, weeks), value),
        spend=spend,
        paid=paid,
        organic=organic,
        baseline=baseline,
        demand=DemandIndex(dates, rng.normal(0, 0.1, (2, draws))) if demand else None,
        chain=np.repeat(np.arange(chains), per_chain),
    )


def make_set(scenarios: dict[str, Any], *, weeks: int = 13, **keys: Any) -> ScenarioSet:
    return ScenarioSet.model_validate(
        {"horizon": {"start": keys.pop("start", START), "weeks": weeks}, "scenarios": scenarios, **keys}
    )
