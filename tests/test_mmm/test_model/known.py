"""Posteriors without a sampler: given true carryover and saturation, a market's response is a Bayesian regression.

Flat priors on all coefficients and 1/σ² on the noise give draws in closed form, geo by geo, in milliseconds: checks can
be shown both a clean market and a broken one, many times over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.response.draws import BaselineDraws, MediaDraws, ResponseDraws
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import Saturation, hill
from mmm.transforms.time_bases import TimeBasis

FIRST = np.datetime64("2022-01-03", "D")


def weeks_of(count: int) -> np.ndarray:
    return FIRST + 7 * np.arange(count)


def shapes(media: np.ndarray, alpha: float, half: float) -> np.ndarray:
    """Return f(adstock) of (..., T) media."""
    return hill(geometric_adstock(media, alpha, initial_state(media)), half)


def bursts(rng: np.random.Generator, channels: int, weeks: int, geos: int = 1) -> np.ndarray:
    """Return (C, G, T) spend in blocks of four weeks, each on or off by chance, lognormal when on."""
    level = np.exp(rng.normal(0.0, 0.5, (channels, geos, weeks)))
    on = rng.random((channels, geos, weeks // 4 + 1)) < 0.6
    return 1000.0 * level * np.repeat(on, 4, axis=-1)[..., :weeks]


def known(
    outcome: np.ndarray,
    media: np.ndarray,
    *,
    controls: np.ndarray | None = None,
    control_names: Sequence[str] = (),
    names: Sequence[str] = (),
    alpha: float = 0.4,
    half: float = 1000.0,
    seasonality: int = 2,
    draws: int = 1000,
    seed: int = 0,
) -> ResponseDraws:
    """Return the response of a (G, T) outcome on (C, G, T) media, four chains of ``draws / 4``."""
    rng = np.random.default_rng(seed)
    count, geos, length = media.shape
    weeks = weeks_of(length)
    basis = TimeBasis.fit_window(weeks, fourier_order=seasonality)
    controls = np.zeros((0, geos, length)) if controls is None else controls
    calendar = basis.design(weeks)
    effects = shapes(media, alpha, half)
    coef, beta, sigma = [], [], []
    for g in range(geos):
        design = np.column_stack([calendar, controls[:, g].T, effects[:, g].T])
        found = np.linalg.lstsq(design, outcome[g])[0]
        freedom = length - design.shape[1]
        rest = outcome[g] - design @ found
        variance = (rest @ rest) / rng.chisquare(freedom, draws)
        spread = np.linalg.cholesky(np.linalg.inv(design.T @ design)) @ rng.normal(size=(design.shape[1], draws))
        drawn = found[:, None] + np.sqrt(variance) * spread
        coef.append(drawn[: design.shape[1] - count])
        beta.append(drawn[design.shape[1] - count :])
        sigma.append(np.sqrt(variance))
    ones = np.ones((count, geos, draws))
    named = tuple(names) or tuple(f"channel{c}" for c in range(count))
    none = MediaDraws((), np.zeros((0, geos, length)), (), *(np.zeros((0, geos, draws)),) * 4)
    return ResponseDraws(
        weeks=weeks,
        geos=("national",) if geos == 1 else tuple(f"geo{g}" for g in range(geos)),
        outcome_name="sales",
        outcome_is_money=True,
        currency="EUR",
        outcome=outcome,
        value_per_outcome=np.ones((geos, length)),
        spend=media,
        paid=MediaDraws(
            named, media, (Saturation.HILL,) * count, alpha * ones, half * ones, ones, np.stack(beta, axis=1)
        ),
        organic=none,
        baseline=BaselineDraws(
            basis=basis,
            control_names=tuple(control_names),
            controls=controls,
            control_center=np.zeros(controls.shape[:2]),
            control_scale=np.ones(controls.shape[:2]),
            coef=np.stack(coef, axis=1),
            sigma=np.stack(sigma),
        ),
        demand=None,
        chain=np.repeat(np.arange(4), draws // 4),
    )


def clean(seed: int = 0, *, weeks: int = 156, channels: int = 3, geos: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return outcome (G, T) and media (C, G, T) of a market that the model fits exactly."""
    rng = np.random.default_rng([seed, 9])
    media = bursts(rng, channels, weeks, geos)
    return sold(rng, media), media


def sold(rng: np.random.Generator, media: np.ndarray, noise: float = 800.0) -> np.ndarray:
    """Return the outcome, (G, T), of media, season and noise."""
    weeks = media.shape[-1]
    season = 1500.0 * np.cos(2 * np.pi * np.arange(weeks) / 52.18)
    made = (4000.0 * shapes(media, 0.4, 1000.0)).sum(axis=0)
    return 40_000.0 + season + made + rng.normal(0, noise, media.shape[1:])


def search_market(seed: int, persistence: float = 0.7) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, media, price and the demand that nobody recorded: the third channel follows all that sells."""
    rng = np.random.default_rng([seed, 5])
    media = bursts(rng, 3, 156)
    demand, price = wandering(rng, 156, persistence), wandering(rng, 156, 0.5)
    follows = demand - 0.5 * price
    media[2, 0] = 1000.0 * np.exp(0.3 * follows + rng.normal(0, 0.1, 156))
    return sold(rng, media) + 2000.0 * follows, media, price, demand


def wandering(rng: np.random.Generator, weeks: int, persistence: float = 0.7) -> np.ndarray:
    """Return a stationary first-order autoregression with unit variance, (T,)."""
    path = np.empty(weeks)
    path[0] = rng.normal()
    for t in range(1, weeks):
        path[t] = persistence * path[t - 1] + np.sqrt(1 - persistence**2) * rng.normal()
    return path
