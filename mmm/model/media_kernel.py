r"""Media over a panel, forwards and backwards (numba): weekly effects, sizes, replayed experiments, all derivatives.

The mathematics of :mod:`mmm.model.build` as scalar loops. The three parameters of a medium in a geo are few, so their
derivatives travel forwards with the recursion: with :math:`d_t = \partial a_t / \partial\alpha`,
:math:`d_t = a_{t-1} - x_t + \alpha d_{t-1}`. Tested against the plain PyTensor graph.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from mmm.transforms.vector_math import exp_fast, log_fast

#: Parts of one compiled kernel: nothing here is called from Python, so no wrappers are made (they cost seconds).
PART: dict[str, Any] = {
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    # Sums may be reordered, so that they are done several terms at a time.
    "fastmath": {"contract", "arcp", "nsz", "reassoc"},
}
#: Around the rounding tricks of :mod:`mmm.transforms.vector_math`, where the order must stay.
EXACT: dict[str, Any] = {**PART, "fastmath": {"contract"}}
#: Codes of the saturation forms.
HILL, HILL_FREE, LOGISTIC = 0, 1, 2
#: mROAS is the central difference of the media's size when the spend of the window is scaled by 1 ± this.
MARGIN = 0.01
#: Weeks after which it is asked whether a fading effect is over.
BLOCK = 32

# A fading effect below 1e-13 of the most possible is taken as nothing; 0.549… is ln 3 / 2.


@njit(**EXACT)
def _curve(form, half, slope, f, by_alpha, by_half, by_slope):  # type: ignore[no-untyped-def]
    """Turn adstock ``f`` and its derivative ``by_alpha``, (T,), into the effect and its derivatives, in place."""
    if form == 0:
        for t in range(f.shape[0]):
            u = f[t]
            inverse = 1.0 / (u + half)
            scaled = inverse * inverse
            f[t] = u * inverse
            by_alpha[t] *= half * scaled
            by_half[t] = -u * scaled
        return
    if form == 1:
        log_half, rate = math.log(half), -slope / half
        for t in range(f.shape[0]):
            u = f[t]
            safe = max(u, 1e-250)
            z = log_fast(safe) - log_half
            e = exp_fast(-slope * z)
            most = 1.0 / (1.0 + e)
            q = e * most * most if u > 0.0 else 0.0
            f[t] = most if u > 0.0 else 0.0
            by_alpha[t] *= q * slope / safe
            by_half[t] = q * rate
            by_slope[t] = q * z
        return
    rate = 0.5493061443340549 / half
    for t in range(f.shape[0]):
        u = f[t]
        e = exp_fast(2.0 * rate * u)
        most = 1.0 / (1.0 + e)
        rest = 4.0 * rate * e * most * most
        f[t] = (e - 1.0) * most
        by_alpha[t] *= rest
        by_half[t] = -rest * u / half


@njit(**EXACT)
def _path(form, x, start, alpha, half, slope, effect):  # type: ignore[no-untyped-def]
    """Fill weekly effects and their derivatives in alpha, half and slope, (4, T); return the last state.

    First the recursion, week after week, then the curve over all weeks at once.
    """
    a, d, fresh = start, 0.0, 1.0 - alpha
    for t in range(x.shape[0]):
        d = a - x[t] + alpha * d
        a = alpha * a + fresh * x[t]
        effect[0, t], effect[1, t] = a, d
    _curve(form, half, slope, effect[0], effect[1], effect[2], effect[3])
    return a, d


@njit(**PART)
def _dot(weight, q, effect):  # type: ignore[no-untyped-def]
    total = 0.0
    for t in range(effect.shape[0]):
        total += weight[t] * q[t] * effect[t]
    return total


@njit(**PART)
def _add(form, weight, q, f, by_alpha, by_half, by_slope, factor, size):  # type: ignore[no-untyped-def]
    """Add factor · weight · q · effect, over weeks, to the size and its derivatives, (4,)."""
    size[0] += factor * _dot(weight, q, f)
    size[1] += factor * _dot(weight, q, by_alpha)
    size[2] += factor * _dot(weight, q, by_half)
    if form == 1:
        size[3] += factor * _dot(weight, q, by_slope)


@njit(**EXACT)
def _credit(  # type: ignore[no-untyped-def]
    form, x, unseen, last_unseen, start, alpha, half, slope, q, credit, effect, room, lost, size
):  # fmt: skip
    """Add what is lost without the window's media to the size (4,); fill it by week, (T,).

    Media of weeks that nobody recorded stay in both worlds. ``room``: (4, BLOCK) to work in.
    """
    weeks = x.shape[0]
    _add(form, credit, q, effect[0], effect[1], effect[2], effect[3], 1.0, size)
    for t in range(weeks):
        lost[t] = effect[0, t]
    c, dc, fresh = start, 0.0, 1.0 - alpha
    for first in range(0, weeks, BLOCK):
        now = slice(first, min(first + BLOCK, weeks))
        own, hidden, gone = x[now], unseen[now], lost[now]
        count = own.shape[0]
        f, by_alpha, by_half, by_slope = room[0][:count], room[1][:count], room[2][:count], room[3][:count]
        for t in range(count):
            u = own[t] * hidden[t]
            dc = c - u + alpha * dc
            c = alpha * c + fresh * u
            f[t], by_alpha[t] = c, dc
        _curve(form, half, slope, f, by_alpha, by_half, by_slope)
        _add(form, credit[now], q[now], f, by_alpha, by_half, by_slope, -1.0, size)
        for t in range(count):
            gone[t] -= f[t]
        if f[count - 1] < 1e-13 and first + count > last_unseen:
            return


@njit(**EXACT)
def _tail(form, a, d, alpha, half, slope, ones, q, credit, after, room, size):  # type: ignore[no-untyped-def]
    """Add the carryover after the window to the size; the last weeks as a geometric series of the power-law part.

    ``room``: (4, BLOCK) to work in.
    """
    count = 0
    for first in range(0, q.shape[0], BLOCK):
        some = q[first : first + BLOCK]
        count = some.shape[0]
        f, by_alpha, by_half, by_slope = room[0][:count], room[1][:count], room[2][:count], room[3][:count]
        for t in range(count):
            d = a + alpha * d
            a = alpha * a
            f[t], by_alpha[t] = a, d
        _curve(form, half, slope, f, by_alpha, by_half, by_slope)
        _add(form, ones[:count], some, f, by_alpha, by_half, by_slope, credit, size)
        for t in range(count):
            after[first + t] = f[t]
        if f[count - 1] < 1e-13:
            return
    last = count - 1
    f_last = room[0, last]
    power = slope if form == 1 else 1.0
    ratio = alpha**power
    series = ratio / (1.0 - ratio)
    steep = 1.0 / ((1.0 - ratio) * (1.0 - ratio))
    size[0] += credit * f_last * series
    size[1] += credit * (room[1, last] * series + f_last * steep * power * ratio / alpha)
    size[2] += credit * room[2, last] * series
    if form == 1:
        size[3] += credit * (room[3, last] * series + f_last * steep * ratio * math.log(alpha))


@njit(**PART)
def _steepness(  # type: ignore[no-untyped-def]
    form, x, unseen, last_unseen, start, alpha, half, slope, q, q_tail, ones, credit, tail_credit, room, steep
):  # fmt: skip
    """Fill the size with spend scaled by 1 + MARGIN minus that with 1 - MARGIN, and its derivatives, (4,)."""
    weeks = x.shape[0]
    scaled, effect, lost, after = np.empty(weeks), np.empty((4, weeks)), np.empty(weeks), np.empty(q_tail.shape[0])
    for sign in (1.0, -1.0):
        size = np.zeros(4)
        for t in range(weeks):
            scaled[t] = x[t] * (1.0 + sign * MARGIN * (1.0 - unseen[t]))
        a, d = _path(form, scaled, start, alpha, half, slope, effect)
        for t in range(weeks):
            scaled[t] = x[t]
        _credit(form, scaled, unseen, last_unseen, start, alpha, half, slope, q, credit, effect, room, lost, size)
        _tail(form, a, d, alpha, half, slope, ones, q_tail, tail_credit, after, room, size)
        for i in range(4):
            steep[i] += sign * size[i]


@njit(**PART)
def media_forward(  # type: ignore[no-untyped-def]
    n_paid, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight,
    wants_mroas, q, q_tail, theta, share, effect, lost, after, piece, reach, size, mean, lift, marginal,
):  # fmt: skip
    """Fill every array from ``effect`` on; zeroed arrays are expected.

    Parameters
    ----------
    n_paid : int
        The first media scale with demand.
    form : (M,)
    media, initial : (M, G, T), (M, G)
    unseen, last_unseen : (G, T), (G,)
        1 where a geo has no row; the last such week, -1 without one.
    credit, tail_credit : (G, T), (G,)
    t_medium, t_media, t_base, t_weight : (J,), (J, G, T), (J, G, T), (J, G, T)
        Replayed experiments: the medium, its media without the test and with it, and how much each geo-week counts.
    wants_mroas : (M,)
        Positive where the mROAS is asked for.
    q, q_tail : (T,), (A,)
        Demand index in the window and after it.
    theta : (4, M, G)
        Retention, half-saturation, slope, and each geo's size relative to the channel's (its tilt).
    share : (M,)
        Each medium's share of the outcome's value; its beta is share over the size at beta 1.
    effect, lost, after : (M, G, 4, T), (M, G, T), (M, G, A)
    piece, reach : (2, M, G, 4), (J, G, 4)
        Sizes at beta 1 and tilt 1: of the window and of the margin; of a test.
    size, mean, lift, marginal : (M,), (G, T), (J,), (M,)
        ``marginal``: the log of the marginal size.
    """
    count, geos, weeks = media.shape
    even, even_tail = np.ones(weeks), np.ones(q_tail.shape[0])
    room = np.empty((4, BLOCK))
    for m in range(count):
        now, later = (q, q_tail) if m < n_paid else (even, even_tail)
        margin = 0.0
        for g in range(geos):
            al, ha, sl, tilt = theta[0, m, g], theta[1, m, g], theta[2, m, g], theta[3, m, g]
            a, d = _path(form[m], media[m, g], initial[m, g], al, ha, sl, effect[m, g])
            _credit(
                form[m], media[m, g], unseen[g], last_unseen[g], initial[m, g], al, ha, sl, now, credit[g],
                effect[m, g], room, lost[m, g], piece[0, m, g],
            )  # fmt: skip
            if tail_credit[g] > 0.0:
                _tail(form[m], a, d, al, ha, sl, even_tail, later, tail_credit[g], after[m, g], room, piece[0, m, g])
            if wants_mroas[m] > 0.0:
                _steepness(
                    form[m], media[m, g], unseen[g], last_unseen[g], initial[m, g], al, ha, sl, now, later, even_tail,
                    credit[g], tail_credit[g], room, piece[1, m, g],
                )  # fmt: skip
            size[m] += tilt * piece[0, m, g, 0]
            margin += tilt * piece[1, m, g, 0]
        if wants_mroas[m] > 0.0:
            marginal[m] = math.log(share[m] * margin / size[m])
        for g in range(geos):
            scale = share[m] / size[m] * theta[3, m, g]
            for t in range(weeks):
                mean[g, t] += scale * now[t] * effect[m, g, 0, t]
    e = np.empty((4, weeks))
    for j in range(t_medium.shape[0]):
        m = int(t_medium[j])
        now = q if m < n_paid else even
        for g in range(geos):
            al, ha, sl = theta[0, m, g], theta[1, m, g], theta[2, m, g]
            _path(form[m], t_base[j, g], initial[m, g], al, ha, sl, e)
            _add(form[m], t_weight[j, g], now, e[0], e[1], e[2], e[3], 1.0, reach[j, g])
            _path(form[m], t_media[j, g], initial[m, g], al, ha, sl, e)
            _add(form[m], t_weight[j, g], now, e[0], e[1], e[2], e[3], -1.0, reach[j, g])
            lift[j] += share[m] / size[m] * theta[3, m, g] * reach[j, g, 0]


@njit(**PART)
def _margin_by_demand(  # type: ignore[no-untyped-def]
    form, x, unseen, start, alpha, half, slope, credit, tail_credit, factor, d_q, d_tail
):  # fmt: skip
    """Add factor times the derivatives of :func:`_steepness` in the demand index, in the window and after it."""
    weeks, later = x.shape[0], d_tail.shape[0]
    scaled, effect, room, ones = np.empty(weeks), np.empty((4, weeks)), np.empty((4, BLOCK)), np.ones(later)
    for sign in (1.0, -1.0):
        for t in range(weeks):
            scaled[t] = x[t] * (1.0 + sign * MARGIN * (1.0 - unseen[t]))
        a, d = _path(form, scaled, start, alpha, half, slope, effect)
        for t in range(weeks):
            d_q[t] += sign * factor * credit[t] * effect[0, t]
        after, size = np.zeros(later), np.zeros(4)
        _tail(form, a, d, alpha, half, slope, ones, ones, tail_credit, after, room, size)
        for t in range(later):
            d_tail[t] += sign * factor * tail_credit * after[t]


@njit(**PART)
def media_backward(  # type: ignore[no-untyped-def]
    n_paid, form, media, unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight, seasonal,
    q, theta, share, effect, lost, after, piece, reach, size, pull, lift_pull, mroas_pull,
    d_q, d_tail, d_theta, d_share,
):  # fmt: skip
    """Add to the gradients (the arrays that begin with ``d_``), given those in mean, lift and log marginal size."""
    count, geos, weeks = media.shape
    even, moved = np.ones(weeks), np.empty(4)
    shrink = np.zeros(count)  # minus the derivative in each medium's size
    for m in range(count):
        now = q if m < n_paid else even
        beta = share[m] / size[m]
        margin = 0.0
        for g in range(geos):
            margin += theta[3, m, g] * piece[1, m, g, 0]
        for g in range(geos):
            tilt = theta[3, m, g]
            moved[:] = 0.0
            e = effect[m, g]
            _add(form[m], pull[g], now, e[0], e[1], e[2], e[3], 1.0, moved)
            first = moved[0]
            d_theta[3, m, g] += beta * first
            for i in range(1, 4):
                d_theta[i - 1, m, g] += beta * tilt * moved[i]
            d_share[m] += tilt * first / size[m]
            shrink[m] += beta * tilt * first / size[m]
            if seasonal and m < n_paid:
                for t in range(weeks):
                    d_q[t] += pull[g, t] * beta * tilt * effect[m, g, 0, t]
            if mroas_pull[m] != 0.0:
                per = mroas_pull[m] / margin
                d_theta[3, m, g] += per * piece[1, m, g, 0]
                for i in range(1, 4):
                    d_theta[i - 1, m, g] += per * tilt * piece[1, m, g, i]
                if seasonal and m < n_paid:
                    _margin_by_demand(
                        form[m], media[m, g], unseen[g], initial[m, g], theta[0, m, g], theta[1, m, g],
                        theta[2, m, g], credit[g], tail_credit[g], per * tilt, d_q, d_tail,
                    )  # fmt: skip
        d_share[m] += mroas_pull[m] / share[m]
        shrink[m] += mroas_pull[m] / size[m]
    base, other = np.empty((4, weeks)), np.empty((4, weeks))
    for j in range(t_medium.shape[0]):
        m = int(t_medium[j])
        for g in range(geos):
            tilt = theta[3, m, g]
            own = lift_pull[j] * share[m] / size[m]
            d_theta[3, m, g] += own * reach[j, g, 0]
            for i in range(1, 4):
                d_theta[i - 1, m, g] += own * tilt * reach[j, g, i]
            d_share[m] += lift_pull[j] * tilt * reach[j, g, 0] / size[m]
            shrink[m] += own * tilt * reach[j, g, 0] / size[m]
            if seasonal and m < n_paid:
                al, ha, sl = theta[0, m, g], theta[1, m, g], theta[2, m, g]
                _path(form[m], t_base[j, g], initial[m, g], al, ha, sl, base)
                _path(form[m], t_media[j, g], initial[m, g], al, ha, sl, other)
                for t in range(weeks):
                    d_q[t] += own * tilt * t_weight[j, g, t] * (base[0, t] - other[0, t])
    for m in range(count):
        for g in range(geos):
            tilt = theta[3, m, g]
            d_theta[3, m, g] -= shrink[m] * piece[0, m, g, 0]
            for i in range(1, 4):
                d_theta[i - 1, m, g] -= shrink[m] * tilt * piece[0, m, g, i]
            if seasonal and m < n_paid:
                for t in range(weeks):
                    d_q[t] -= shrink[m] * tilt * credit[g, t] * lost[m, g, t]
                for t in range(after.shape[2]):
                    d_tail[t] -= shrink[m] * tilt * tail_credit[g] * after[m, g, t]
