"""A small response written by hand, with every part a fit can have."""

from __future__ import annotations

import numpy as np

from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis

T, S = 60, 300
WEEKS = np.asarray(np.datetime64("2025-01-06") + 7 * np.arange(T).astype("timedelta64[D]"), dtype="datetime64[D]")


def _media(
    g: np.random.Generator, names: tuple[str, ...], forms: tuple[Saturation, ...], geos: int, slopes: bool
) -> MediaDraws:
    c = len(names)
    shape = (c, geos, S)
    return MediaDraws(
        names=names,
        media=np.exp(g.normal(7, 0.5, (c, geos, T))) * (g.random((c, geos, T)) > 0.2),
        saturation=forms,
        alpha=g.beta(4, 5, shape),
        half_saturation=1000 * np.exp(0.3 * g.standard_normal(shape)),
        slope=np.exp(g.normal(0.5, 0.3, shape)) if slopes else np.ones(shape),
        beta=4000 * np.exp(0.3 * g.standard_normal(shape)),
    )


def make_response(*, geos: int = 1, demand: bool = False, slopes: bool = False, seed: int = 3) -> ResponseDraws:
    """Three paid channels (the last on exposures worth 0.25 each), one organic, one control."""
    g = np.random.default_rng(seed)
    names = tuple(f"geo {i}" for i in range(geos)) if geos > 1 else ("national",)
    paid = _media(g, ("tv", "radio", "search"), (Saturation.HILL, Saturation.LOGISTIC, Saturation.HILL), geos, slopes)
    organic = _media(g, ("newsletter",), (Saturation.HILL,), geos, False)
    spend = paid.media.copy()
    spend[2] *= 0.25
    basis = TimeBasis.fit_window(WEEKS, fourier_order=1)
    controls = g.normal(10, 2, (1, geos, T))
    return ResponseDraws(
        weeks=WEEKS,
        geos=names,
        outcome_name="orders",
        outcome_is_money=True,
        currency="EUR",
        outcome=g.normal(50_000, 1000, (geos, T)),
        value_per_outcome=np.full((geos, T), 2.0),
        spend=spend,
        paid=paid,
        organic=organic,
        baseline=BaselineDraws(
            basis=basis,
            control_names=("price",),
            controls=controls,
            control_center=controls.mean(axis=-1),
            control_scale=controls.std(axis=-1),
            coef=g.normal(1000, 50, (len(basis.names) + 1, geos, S)),
            sigma=np.full((geos, S), 100.0),
        ),
        demand=DemandIndex(WEEKS, 0.2 * g.standard_normal((2, S))) if demand else None,
        chain=np.repeat(np.arange(4), S // 4),
    )
