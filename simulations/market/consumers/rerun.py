"""Many counterfactuals of one market in one pass: each is a copy of its columns, all on the same scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmm.arrays import FloatArray
from simulations.market.consumers.engine import run
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.now import State

#: Columns that run together: their people fit into the processor's second cache.
_COLUMNS = 128


@dataclass(frozen=True, eq=False)
class Change:
    """What is otherwise in a counterfactual.

    Attributes
    ----------
    spend : mapping of str to (n, G)
        Money of paid channels in the n weeks.
    quiet : tuple of str
        Owned channels and rivals that make no contact of their own in the window.
    """

    spend: Mapping[str, FloatArray] = field(default_factory=dict)
    quiet: tuple[str, ...] = ()


def rerun(
    market: ConsumerMarket, start: State, weeks: range, money: Mapping[str, FloatArray], changes: Sequence[Change]
) -> FloatArray:
    """Return the outcome without noise in each week of each counterfactual, (P, n, G).

    Parameters
    ----------
    market : ConsumerMarket
    start : State
        At the first of the weeks, G columns; it is left as it is.
    weeks : range
        n of the scene's weeks.
    money : mapping of str to (n, G)
        What paid channels spend where a change says nothing; the others spend as they mean to.
    changes : sequence of Change
        P of them.
    """
    geos = len(market.geos)
    at_once = max(1, _COLUMNS // geos)
    parts = [
        _together(market, start, weeks, money, changes[first : first + at_once])
        for first in range(0, len(changes), at_once)
    ]
    return np.concatenate(parts)


def _together(
    market: ConsumerMarket, start: State, weeks: range, money: Mapping[str, FloatArray], changes: Sequence[Change]
) -> FloatArray:
    geos, count = len(market.geos), len(changes)
    columns = np.tile(np.arange(geos), count)
    scene = market.scene.take(columns)
    told = {name: np.tile(series, (1, count)) for name, series in money.items()}
    for number, change in enumerate(changes):
        own = slice(number * geos, (number + 1) * geos)
        for name, series in change.spend.items():
            told[name][:, own] = series
        for name in change.quiet:
            scene.volume[name][market.window.start : market.window.stop, own] = 0.0
    state = start.take(columns)
    outcome = run(market.world, scene, state, weeks, told).outcome
    return outcome.reshape(len(weeks), count, geos).transpose(1, 0, 2)
