"""The formulas behind the compiled sums of the fitted window, in plain numpy: what the kernels are held to."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.window import WindowSums, window_terms
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import saturate, saturate_slope


def effect(media: MediaDraws, units: FloatArray, first: int) -> FloatArray:
    """Return the effect from week ``first`` on, (C, G, N − first, S), outcome units per week.

    Parameters
    ----------
    media : MediaDraws
    units : (C, G, N)
        Media units of weeks that start with the fitted window.
    first : int
    """
    start = initial_state(media.media)
    result = np.empty((*units.shape[:2], units.shape[-1] - first, media.alpha.shape[-1]))
    for c, form in enumerate(media.saturation):
        # (G, S, N): the recursion runs over the last axis.
        stock = geometric_adstock(units[c][:, None, :], media.alpha[c], start[c][:, None])[..., first:]
        shape = saturate(form, stock, media.half_saturation[c][..., None], media.slope[c][..., None])
        result[c] = (media.beta[c][..., None] * shape).transpose(0, 2, 1)
    return result


def window_sums(response: ResponseDraws) -> WindowSums:
    r"""Return what :func:`mmm.response.window.window_sums` does, week by week in plain arrays.

    With :math:`a_t` the adstock, :math:`b_t` that without the spend of observed weeks, and
    :math:`w_t` the value of an outcome unit times demand:
    :math:`\sum_t w_t \beta (f(a_t) - f(b_t))` and :math:`\sum_t w_t \beta f'(a_t) (a_t - b_t)`.
    """
    paid = response.paid
    value, after, demand = window_terms(response)
    made = np.zeros_like(paid.alpha)
    scaled = np.zeros_like(paid.alpha)
    for c, form in enumerate(paid.saturation):
        alpha, half, slope, beta = paid.alpha[c], paid.half_saturation[c], paid.slope[c], paid.beta[c]
        stock = np.broadcast_to(initial_state(paid.media[c])[:, None], alpha.shape)
        without = stock
        for t in range(len(demand)):
            inside = t < response.n_weeks
            x = paid.media[c, :, t, None] if inside else 0.0
            kept = x * ~response.observed[:, t, None] if inside else 0.0
            stock = alpha * stock + (1.0 - alpha) * x
            without = alpha * without + (1.0 - alpha) * kept
            weight = (value[:, t] if inside else after)[:, None] * beta * demand[t]
            made[c] += weight * (saturate(form, stock, half, slope) - saturate(form, without, half, slope))
            lift = np.where(stock > without, stock - without, 0.0)
            with np.errstate(invalid="ignore"):
                scaled[c] += weight * np.where(lift > 0, saturate_slope(form, stock, half, slope) * lift, 0.0)
    return WindowSums(made, scaled)
