"""Shapley value: a channel's mean addition to what a coalition of channels is worth, over all orders of joining."""

from __future__ import annotations

from math import factorial

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import SpecError
from simulations.market.attribution.paths import Paths

#: Above this the 2^C coalitions are too many to sum exactly.
MOST_CHANNELS = 16


def shapley_values(worth: FloatArray) -> FloatArray:
    """Return the exact Shapley values of a game.

    Parameters
    ----------
    worth : (2^C,)
        Of each coalition: bit i of the position says whether player i is in it.

    Returns
    -------
    (C,)
        They add up to the worth of all less the worth of none.

    Notes
    -----
    φ_i = Σ_S |S|! (C - |S| - 1)! / C! · (v(S ∪ i) - v(S)) over the S without i (Shapley 1953).
    """
    players = len(worth).bit_length() - 1
    if len(worth) != 1 << players:
        raise ValueError("a game has a worth for each of its 2^C coalitions")
    coalition = np.arange(len(worth))
    size = np.bitwise_count(coalition).astype(np.int64)
    chance = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    values = np.empty(players)
    for player in range(players):
        without = coalition[(coalition >> player) & 1 == 0]
        values[player] = chance[size[without]] @ (worth[without | (1 << player)] - worth[without])
    return values


def shapley_credit(paths: Paths) -> FloatArray:
    """Credit each channel with its Shapley value where a coalition is worth what its members alone sold, (C,) money.

    A coalition's worth is the money of the purchases whose journeys touched no other channel. The value then is each
    purchase shared out alike over the different channels of its journey (Zhao, Mahboobi & Bagheri 2018, "Shapley Value
    Methods for Attribution Modeling in Online Advertising"), for any number of channels.
    """
    pairs = np.unique(paths.journey * len(paths.channels) + paths.touches)
    journey, channel = np.divmod(pairs, len(paths.channels))
    different = np.bincount(journey, minlength=len(paths.value))
    return paths.scale * np.bincount(channel, weights=(paths.value / different)[journey], minlength=len(paths.channels))


def rate_worth(paths: Paths) -> FloatArray:
    """Return the money per journey among those whose channels are all in a coalition, (2^C,); 0 where there is none.

    Unlike :func:`shapley_credit` this learns from the journeys without a purchase too.

    Raises
    ------
    SpecError
        More channels than the coalitions can be summed over.
    """
    channels = len(paths.channels)
    if channels > MOST_CHANNELS:
        raise SpecError(
            f"an exact Shapley value of rates takes at most {MOST_CHANNELS} channels, and there are {channels}",
            do="Put small channels together first.",
        )
    bits = np.int64(1) << paths.touches
    met = np.bitwise_or.reduceat(bits, paths.starts[:-1]) if len(bits) else bits
    money = _within(np.bincount(met, weights=paths.value, minlength=1 << channels))
    journeys = _within(np.bincount(met, minlength=1 << channels).astype(np.float64))
    return np.divide(money, journeys, out=np.zeros_like(money), where=journeys > 0)


def shapley_rate_credit(paths: Paths) -> FloatArray:
    """Credit each channel with its Shapley value where a coalition is worth its money per journey, (C,) money.

    The worth of all channels is the money per journey, so the credits add up to what was sold; a channel in whose
    company fewer journeys end in a purchase gets less than nothing. After Dalessandro, Perlich, Stitelman & Provost
    2012, "Causally Motivated Attribution for Online Advertising".
    """
    return paths.scale * len(paths.value) * shapley_values(rate_worth(paths))


def _within(of_exactly: FloatArray | IntArray) -> FloatArray:
    """Sum over the subsets of each coalition (the zeta transform)."""
    total = np.asarray(of_exactly, dtype=np.float64).copy()
    for player in range(len(total).bit_length() - 1):
        pairs = total.reshape(-1, 2, 1 << player)
        pairs[:, 1] += pairs[:, 0]
    return total
