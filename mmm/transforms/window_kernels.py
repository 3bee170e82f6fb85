r"""Compiled effects of the fitted window, streamed over channels, geos and draws: nothing of size (C, G, T, S) is made.

One pass runs :math:`a_t = \alpha a_{t-1} + (1-\alpha) x_t` for a chunk of draws, whose working arrays stay in the
processor's cache, and adds up what is asked for. The reference formulas are :mod:`mmm.transforms.adstock` and
:mod:`mmm.transforms.saturation`.

A Hill curve with a free slope is :math:`p / (1 + p)` with the power :math:`p_t = (a_t / k)^n`. In a week without media
:math:`p_t = \alpha^n p_{t-1}`; only the others need a logarithm and an exponential.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import get_num_threads, njit

from mmm.transforms.kernels import HILL_FREE, HILL_ONE
from mmm.transforms.saturation import LOG3
from mmm.transforms.vector_math import exp_fast, log_fast

#: Draws handled together.
CHUNK = 256
#: A fading power below this is taken as nothing: smaller numbers are slow to reckon with and change no sum.
NOTHING = 1e-60
#: Smallest adstock whose logarithm is taken.
LEAST = 1e-60


@njit(inline="always")
def _tanh_half(z):  # type: ignore[no-untyped-def]
    """Return tanh(z / 2)."""
    e = exp_fast(z)
    return (e - 1.0) / (e + 1.0)


@njit(cache=True, error_model="numpy")
def _step(form, x, alpha, half, log_half, slope, fade, state, power, level):  # type: ignore[no-untyped-def]
    """Move a chunk's adstock one week on and fill ``level`` with its saturation."""
    size = state.shape[0]
    if x == 0.0:
        for i in range(size):
            state[i] = alpha[i] * state[i]
    else:
        for i in range(size):
            state[i] = alpha[i] * state[i] + (1.0 - alpha[i]) * x
    if form == HILL_ONE:
        for i in range(size):
            level[i] = state[i] / (state[i] + half[i])
    elif form == HILL_FREE:
        if x == 0.0:
            for i in range(size):
                p = power[i] * fade[i]
                power[i] = p if p > NOTHING else 0.0
        else:
            for i in range(size):
                power[i] = exp_fast(slope[i] * (log_fast(max(state[i], LEAST)) - log_half[i]))
        for i in range(size):
            level[i] = power[i] / (1.0 + power[i])
    else:
        for i in range(size):
            level[i] = _tanh_half(LOG3 * state[i] / half[i])


@njit(cache=True, error_model="numpy")
def _begin(form, start, lo, alpha, half, slope, fade, state, power):  # type: ignore[no-untyped-def]
    """Fill the state before the first week, the same for all draws or one each, and what Hill curves need."""
    for i in range(state.shape[0]):
        state[i] = start[0] if start.shape[0] == 1 else start[lo + i]
        if form == HILL_FREE:
            fade[i] = max(alpha[i], LEAST) ** slope[i]
            power[i] = (state[i] / half[i]) ** slope[i] if state[i] > 0.0 else 0.0


@njit(cache=True, error_model="numpy")
def _add_rise(form, w, half, slope, state, without, level, scaled):  # type: ignore[no-untyped-def]
    """Add to ``scaled`` the derivative of the effect when the spend behind ``state − without`` is scaled."""
    for i in range(state.shape[0]):
        lift = state[i] - without[i]
        if form == HILL_ONE:
            total = state[i] + half[i]
            rise = half[i] * lift / (total * total)
        elif form == HILL_FREE:
            rise = slope[i] * level[i] * (1.0 - level[i]) * lift / max(state[i], LEAST)
        else:
            rise = 0.5 * LOG3 / half[i] * (1.0 - level[i] * level[i]) * lift
        scaled[i] += w[i] * rise if lift > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def add_window_sums(  # type: ignore[no-untyped-def]
    c, lo, hi, form, media, history, start, value, after, demand, alpha, half, slope, beta, made, scaled
):  # fmt: skip
    """Compare the fitted window with one without spend, for draws lo..hi of channel c; after it nothing is spent.

    Parameters
    ----------
    c, lo, hi : int
        At most CHUNK draws.
    form : (C,) int64
        Saturation codes of :mod:`mmm.transforms.kernels`.
    media, start : (C, G, T), (C, G, 1) or (C, G, S)
        Media units per week, and the adstock before the first.
    history : (G, T) bool
        Weeks whose media stay in the comparison without spend.
    value, after : (G, T), (G,)
        What an outcome unit counts for in each week, and after the window.
    demand : (N, S)
        Factor on the effect in the window and the N − T weeks after it.
    alpha, half, slope, beta : (C, G, S)
    made, scaled : (C, G, S)
        Added to: what spend made, and the derivative of that when spend is scaled in proportion.
    """
    size, weeks = hi - lo, media.shape[2]
    a, k, log_k, n = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    fade, level, none, w = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    state, power, without, faded = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    total, rise = np.empty(size), np.empty(size)
    for g in range(media.shape[1]):
        for i in range(size):
            a[i], k[i], n[i] = alpha[c, g, lo + i], half[c, g, lo + i], slope[c, g, lo + i]
            log_k[i] = math.log(k[i])
            total[i], rise[i] = 0.0, 0.0
        _begin(form[c], start[c, g], lo, a, k, n, fade, state, power)
        _begin(form[c], start[c, g], lo, a, k, n, fade, without, faded)
        for t in range(demand.shape[0] if after[g] != 0.0 else weeks):
            inside = t < weeks
            x = media[c, g, t] if inside else 0.0
            credit = value[g, t] if inside else after[g]
            _step(form[c], x, a, k, log_k, n, fade, state, power, level)
            _step(form[c], x if inside and history[g, t] else 0.0, a, k, log_k, n, fade, without, faded, none)
            if credit != 0.0:
                for i in range(size):
                    w[i] = credit * demand[t, lo + i]
                    total[i] += w[i] * (level[i] - none[i])
                _add_rise(form[c], w, k, n, state, without, level, rise)
        for i in range(size):
            made[c, g, lo + i] += beta[c, g, lo + i] * total[i]
            scaled[c, g, lo + i] += beta[c, g, lo + i] * rise[i]


@njit(cache=True, nogil=True, error_model="numpy")
def add_weekly(c, lo, hi, form, media, start, value, alpha, half, slope, beta, total):  # type: ignore[no-untyped-def]
    """Add channel c's effect by week, carry-in included and summed over geos, to ``total`` (C, T, S).

    Parameters as in :func:`add_window_sums`; ``value`` (G, T) weighs each geo-week.
    """
    size = hi - lo
    a, k, log_k, n = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    fade, state, power, level = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for g in range(media.shape[1]):
        for i in range(size):
            a[i], k[i], n[i] = alpha[c, g, lo + i], half[c, g, lo + i], slope[c, g, lo + i]
            log_k[i] = math.log(k[i])
        _begin(form[c], start[c, g], lo, a, k, n, fade, state, power)
        for t in range(media.shape[2]):
            _step(form[c], media[c, g, t], a, k, log_k, n, fade, state, power, level)
            w = value[g, t]
            if w != 0.0:
                for i in range(size):
                    total[c, t, lo + i] += w * beta[c, g, lo + i] * level[i]


@njit(cache=True, nogil=True, error_model="numpy")
def add_effects(g, lo, hi, form, media, start, demand, alpha, half, slope, beta, total):  # type: ignore[no-untyped-def]
    """Add the effect of all channels in geo g to ``total`` (G, T, S), times ``demand`` (T, S).

    Parameters as in :func:`add_window_sums`.
    """
    size = hi - lo
    a, k, log_k, n = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    fade, state, power, level = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for c in range(media.shape[0]):
        for i in range(size):
            a[i], k[i], n[i] = alpha[c, g, lo + i], half[c, g, lo + i], slope[c, g, lo + i]
            log_k[i] = math.log(k[i])
        _begin(form[c], start[c, g], lo, a, k, n, fade, state, power)
        for t in range(media.shape[2]):
            _step(form[c], media[c, g, t], a, k, log_k, n, fade, state, power, level)
            for i in range(size):
                total[g, t, lo + i] += demand[t, lo + i] * beta[c, g, lo + i] * level[i]


@njit(cache=True, nogil=True, error_model="numpy")
def add_states(c, lo, hi, media, start, alpha, total):  # type: ignore[no-untyped-def]
    """Add channel c's adstock after the last week to ``total`` (C, G, S).

    Parameters as in :func:`add_window_sums`.
    """
    for g in range(media.shape[1]):
        for i in range(lo, hi):
            a, state = alpha[c, g, i], start[c, g, 0]
            for t in range(media.shape[2]):
                state = a * state + (1.0 - a) * media[c, g, t]
            total[c, g, i] += state


def over_chunks(kernel: Callable[..., None], first: int, draws: int, *given: Any) -> None:
    """Call ``kernel(j, lo, hi, *given)`` for j below ``first`` and every chunk of draws, on numba's number of threads.

    Each call adds to its own part of an array in ``given``, so no two meet.
    """
    tasks = [(j, lo, min(lo + CHUNK, draws)) for j in range(first) for lo in range(0, draws, CHUNK)]
    workers = min(get_num_threads(), len(tasks))
    if workers <= 1:
        for task in tasks:
            kernel(*task, *given)
        return
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(kernel, *task, *given) for task in tasks]:
            done.result()
