"""Channels that a fit does not have: their draws are borrowed from one that it has, and widened."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import MediaDraws, ResponseDraws
from simulations.future import Future, Launch

#: Launches on different terms that one set of scenarios may hold: each is a channel of every draw.
MOST = 50


def aligned(
    response: ResponseDraws, calendar: SpendCalendar, futures: Sequence[Future]
) -> tuple[ResponseDraws, SpendCalendar, tuple[Future, ...]]:
    """Give response, calendar and futures a row for every channel that any of the futures launches.

    Parameters
    ----------
    response : ResponseDraws
        Of the fit's C channels.
    calendar : SpendCalendar
    futures : sequence of Future

    Returns
    -------
    ResponseDraws
        C + N channels: the fit's, then the launched ones, which have neither spend nor media in the fitted weeks. The
        response itself where nothing is launched.
    SpendCalendar
        Nothing is spent on the launched channels in bridge, baseline and tail.
    tuple of Future
        (C + N, T) each, in the same order of rows; a channel that a future does not launch spends 0 in it.

    Raises
    ------
    SpecError
        More launches on different terms than one run holds.
    """
    terms = tuple(dict.fromkeys(launch for future in futures for launch in _launched(future)))
    if not terms:
        return response, calendar, tuple(futures)
    if len(terms) > MOST:
        raise SpecError(
            f"{len(terms):,} launches on different terms are asked for, and {MOST} are the most",
            where="launch",
            do="Sweep what a launch spends, and give its size and uncertainty a few values in a grid.",
        )
    rows = len(response.channels)
    zeros = {name: np.zeros((len(terms), getattr(calendar, name).shape[1])) for name in ("bridge", "baseline", "tail")}
    wide = SpendCalendar(
        channels=(*calendar.channels, *_names(terms)),
        bridge_weeks=calendar.bridge_weeks,
        bridge=np.concatenate([calendar.bridge, zeros["bridge"]]),
        weeks=calendar.weeks,
        baseline=np.concatenate([calendar.baseline, zeros["baseline"]]),
        tail_weeks=calendar.tail_weeks,
        tail=np.concatenate([calendar.tail, zeros["tail"]]),
    )
    return with_launches(response, terms), wide, tuple(_aligned(future, rows, terms) for future in futures)


def with_launches(response: ResponseDraws, terms: Sequence[Launch]) -> ResponseDraws:
    """Return the response with the launched channels after the fit's own.

    Notes
    -----
    Their media is money. The response is the other channel's at today's cost of an exposure: a new channel of size r
    brings at spend x what r others would at x / r each, times a factor of mean 1. Of a national sum the geos get equal
    parts, where the other channel's have theirs: its half-saturations are scaled so that each geo answers as the other
    channel's does to its own share.
    """
    paid, shares, cost = response.paid, response.geo_shares(), response.cost_per_exposure()
    even = response.active if response.active.any() else np.ones(len(response.geos), dtype=np.bool_)
    new: dict[str, list[FloatArray]] = {"alpha": [], "half_saturation": [], "slope": [], "beta": []}
    for launch in terms:
        c = paid.names.index(launch.like)
        # Money that a geo gets evenly, over what it gets of the other channel's.
        money = cost[c] / np.where(shares[c] > 0, shares[c] * even.sum(), np.inf)
        reached = (money > 0)[:, None]
        half = paid.half_saturation[c] * launch.size
        new["alpha"].append(paid.alpha[c])
        new["half_saturation"].append(np.where(reached, half * np.where(reached, money[:, None], 1.0), half))
        new["slope"].append(paid.slope[c])
        new["beta"].append(np.where(reached, paid.beta[c] * launch.size * widening(launch, response.n_draws), 0.0))
    none = np.zeros((len(terms), len(response.geos), response.n_weeks))
    wide = MediaDraws(
        names=(*paid.names, *_names(terms)),
        media=np.concatenate([paid.media, none]),
        saturation=(*paid.saturation, *(paid.saturation[paid.names.index(launch.like)] for launch in terms)),
        **{name: np.concatenate([getattr(paid, name), np.stack(rows)]) for name, rows in new.items()},
    )
    return replace(response, paid=wide, spend=np.concatenate([response.spend, none]))


def widening(launch: Launch, draws: int) -> FloatArray:
    """Return the factor on a launched channel's effect, (S,): log-normal, of mean 1 over the draws.

    Its quantiles are evenly spaced, in an order that the launch's name and the other channel's settle: the same launch
    has the same factors in every scenario, so that differences are paired.
    """
    order = np.random.default_rng(zlib.crc32(f"{launch.name}/{launch.like}".encode())).permutation(draws)
    factor = np.exp(launch.uncertainty * ndtri((order + 0.5) / draws))
    return np.asarray(factor / factor.mean(), dtype=np.float64)


def _launched(future: Future) -> tuple[Launch, ...]:
    return (*future.launched, *(launch for part in future.parts for launch in part.future.launched))


def _names(terms: Sequence[Launch]) -> tuple[str, ...]:
    """Return a name a launch: its own, and its terms where two launches share it."""
    names = [launch.name for launch in terms]
    return tuple(
        launch.name
        if names.count(launch.name) == 1
        else f"{launch.name} (like {launch.like}, size {launch.size:g}, ±{launch.uncertainty:g})"
        for launch in terms
    )


def _aligned(future: Future, rows: int, terms: Sequence[Launch]) -> Future:
    """Put a future's launched rows where the common order of rows has them."""
    weeks = future.spend.shape[1]
    spend, cost = np.zeros((rows + len(terms), weeks)), np.ones((rows + len(terms), weeks))
    places = [*range(rows), *(rows + terms.index(launch) for launch in future.launched)]
    spend[places], cost[places] = future.spend, future.cost
    parts = tuple(replace(part, future=_aligned(part.future, rows, terms)) for part in future.parts)
    return replace(future, spend=spend, cost=cost, launched=tuple(terms), parts=parts)
