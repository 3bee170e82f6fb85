r"""Media over a panel, forwards and backwards (numba): weekly effects, sizes, replayed experiments, all derivatives.

The mathematics of :mod:`mmm.model.build` as loops over the paths of :mod:`mmm.model.media_paths`. Tested against the
plain PyTensor graph.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import math

from numba import njit

from mmm.model.media_paths import BARE, BLOCK, HILL, HILL_FREE, LOGISTIC, PART, add, curve, fade, fill_powers, two_paths

__all__ = ["HILL", "HILL_FREE", "LOGISTIC", "MARGIN", "PART", "ROOM", "media_backward", "media_forward"]

#: mROAS is the central difference of the media's size when the spend of the window is scaled by 1 ± this.
MARGIN = 0.01
#: Rows to work in: weights of paid and of other media, two scaled series, powers, and demand of 1.
ROOM = 6
_OTHER, _MORE, _LESS, _POWER, _EVEN = 1, 2, 3, 4, 5


@njit(inline="always", **BARE)
def _size(  # type: ignore[no-untyped-def]
    form, x, unseen, last_unseen, start, alpha, half, slope, weight, later, tail_credit, effect, keep, lost, after,
    room, path, size,
):  # fmt: skip
    """Turn a path into its effect; add to the size (4,) what is lost without the window's media, what comes after it.

    Media of weeks that nobody recorded stay in both worlds, and so does what was carried in. With ``keep``, fill what
    is lost by week, (T,), and what comes after, (A,).
    """
    weeks = weight.shape[0]
    end, drift = effect[0, weeks - 1], effect[1, weeks - 1]
    curve(form, half, slope, effect)
    add(form, weight, effect, 1.0, size)
    power = room[_POWER, :BLOCK]
    fill_powers(form, alpha, slope, power)
    if last_unseen >= 0.0:
        gone = room[_LESS, :weeks]
        for t in range(weeks):
            gone[t] = x[t] * unseen[t]
        two_paths(gone, gone, start, start, alpha, alpha, path, path)
        curve(form, half, slope, path)
        add(form, weight, path, -1.0, size)
        if keep > 0.0:
            for t in range(weeks):
                lost[t] = path[0, t]
    else:
        fade(form, start, 0.0, alpha, half, slope, power, weight, -1.0, 0.0, keep, lost, size)
    if keep > 0.0:
        for t in range(weeks):
            lost[t] = effect[0, t] - lost[t]
    if tail_credit > 0.0:
        drift /= max(end, 1e-300)
        fade(form, end, drift, alpha, half, slope, power, later, tail_credit, 1.0, keep, after, size)


@njit(**BARE)
def _steepness(  # type: ignore[no-untyped-def]
    form, x, unseen, start, alpha, half, slope, weight, later, tail_credit, keep, d_now, after, room, paths, steep
):  # fmt: skip
    """Add the size with spend scaled by 1 + MARGIN minus that with 1 - MARGIN, and its derivatives, to ``steep`` (4,).

    With ``keep``, fill the same by week before demand: the effect, (T,), and what comes after, (A,).
    """
    weeks = weight.shape[0]
    more, less, power = room[_MORE, :weeks], room[_LESS, :weeks], room[_POWER, :BLOCK]
    up, down = paths[0], paths[1]
    for t in range(weeks):
        step = MARGIN * (1.0 - unseen[t])
        more[t], less[t] = x[t] * (1.0 + step), x[t] * (1.0 - step)
    two_paths(more, less, start, start, alpha, alpha, up, down)
    fill_powers(form, alpha, slope, power)
    for sign in (1.0, -1.0):
        path = up if sign > 0.0 else down
        end, drift = path[0, weeks - 1], path[1, weeks - 1]
        curve(form, half, slope, path)
        add(form, weight, path, sign, steep)
        if tail_credit > 0.0:
            drift /= max(end, 1e-300)
            out = room[_MORE if sign > 0.0 else _LESS, : after.shape[0]]
            fade(form, end, drift, alpha, half, slope, power, later, sign * tail_credit, 1.0, keep, out, steep)
    if keep > 0.0:
        for t in range(weeks):
            d_now[t] = up[0, t] - down[0, t]
        for t in range(after.shape[0]):
            after[t] = room[_MORE, t] - room[_LESS, t]


@njit(**BARE)
def media_forward(  # type: ignore[no-untyped-def]
    n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
    t_weight, wants_mroas, q, q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size, mean, lift,
    marginal,
):  # fmt: skip
    """Fill every array from ``effect`` on; from ``piece`` on zeroed arrays are expected.

    Parameters
    ----------
    n_paid : int
        The first media scale with demand.
    seasonal : bool
        Whether there is a demand index.
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
        The last two only where there is a demand index.
    room, paths : (ROOM, N), (2, 4, T)
        To work in; N is T, A or BLOCK, whichever is most.
    piece, reach : (2, M, G, 4), (J, G, 4)
        Sizes at beta 1 and tilt 1: of the window and of the margin; of a test.
    size, mean, lift, marginal : (M,), (G, T), (J,), (M,)
        ``marginal``: the log of the marginal size.
    """
    count, geos, weeks = media.shape
    even = room[_EVEN]
    for t in range(even.shape[0]):
        even[t] = 1.0
    for s in range(0, count * geos, 2):
        r = min(s + 1, count * geos - 1)
        m, g, n, h = s // geos, s % geos, r // geos, r % geos
        two_paths(
            media[m, g], media[n, h], initial[m, g], initial[n, h], _retention(theta[0, m, g]),
            _retention(theta[0, n, h]), effect[m, g], effect[n, h],
        )  # fmt: skip
    for m in range(count):
        paid = seasonal and m < n_paid
        keep = 1.0 if paid else 0.0
        now, later = (q, q_tail) if paid else (even[:weeks], even[: q_tail.shape[0]])
        margin = 0.0
        for g in range(geos):
            al, ha, sl, tilt = _retention(theta[0, m, g]), theta[1, m, g], theta[2, m, g], theta[3, m, g]
            weight = room[0, :weeks]
            for t in range(weeks):
                weight[t] = credit[g, t] * now[t]
            _size(
                form[m], media[m, g], unseen[g], last_unseen[g], initial[m, g], al, ha, sl, weight, later,
                tail_credit[g], effect[m, g], keep, lost[m, g], after[m, g], room, paths[0],
                piece[0, m, g],
            )  # fmt: skip
            if wants_mroas[m] > 0.0:
                _steepness(
                    form[m], media[m, g], unseen[g], initial[m, g], al, ha, sl, weight, later, tail_credit[g], 0.0,
                    weight, later, room, paths, piece[1, m, g],
                )  # fmt: skip
            size[m] += tilt * piece[0, m, g, 0]
            margin += tilt * piece[1, m, g, 0]
        if wants_mroas[m] > 0.0:
            marginal[m] = math.log(share[m] * margin / size[m])
        for g in range(geos):
            scale = share[m] / size[m] * theta[3, m, g]
            for t in range(weeks):
                mean[g, t] += scale * now[t] * effect[m, g, 0, t]
    _tests(
        n_paid, form, initial, t_medium, t_media, t_base, t_weight, q, theta, share, room, paths, reach, size, lift
    )  # fmt: skip


@njit(**BARE)
def _retention(alpha):  # type: ignore[no-untyped-def]
    """Return the retention, above 0: what divides by it then goes to the right limit."""
    return max(alpha, 1e-150)


@njit(inline="always", **BARE)
def _replay(form, base, without, start, alpha, half, slope, one, other):  # type: ignore[no-untyped-def]
    """Fill the paths of one experiment with the test's spend and without it."""
    two_paths(base, without, start, start, alpha, alpha, one, other)
    curve(form, half, slope, one)
    curve(form, half, slope, other)


@njit(inline="always", **BARE)
def _tests(  # type: ignore[no-untyped-def]
    n_paid, form, initial, t_medium, t_media, t_base, t_weight, q, theta, share, room, paths, reach, size, lift
):  # fmt: skip
    """Replay the experiments; see :func:`media_forward`."""
    weeks = q.shape[0]
    one, other, weight = paths[0], paths[1], room[0, :weeks]
    for j in range(t_medium.shape[0]):
        m = int(t_medium[j])
        for g in range(initial.shape[1]):
            al, ha, sl = _retention(theta[0, m, g]), theta[1, m, g], theta[2, m, g]
            for t in range(weeks):
                weight[t] = t_weight[j, g, t] * (q[t] if m < n_paid else 1.0)
            _replay(form[m], t_base[j, g], t_media[j, g], initial[m, g], al, ha, sl, paths[0], paths[1])
            add(form[m], weight, one, 1.0, reach[j, g])
            add(form[m], weight, other, -1.0, reach[j, g])
            lift[j] += share[m] / size[m] * theta[3, m, g] * reach[j, g, 0]


@njit(**BARE)
def media_backward(  # type: ignore[no-untyped-def]
    n_paid, seasonal, form, media, unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight, q, q_tail,
    theta, share, effect, lost, after, room, paths, piece, reach, size, pull, lift_pull, mroas_pull, d_q, d_tail,
    d_theta, d_share, shrink,
):  # fmt: skip
    """Add to the gradients (the arrays that begin with ``d_``), given those in mean, lift and log marginal size.

    ``shrink``, (M,), zeros: minus the derivative in each medium's size.
    """
    count, geos, weeks = media.shape
    pulled = room[0, :weeks]
    for g in range(geos):
        for m in range(count):
            if m in (0, n_paid):
                for t in range(weeks):
                    pulled[t] = pull[g, t] * (q[t] if m < n_paid else 1.0)
            moved = room[_OTHER, :4]
            for i in range(4):
                moved[i] = 0.0
            add(form[m], pulled, effect[m, g], 1.0, moved)
            beta, tilt = share[m] / size[m], theta[3, m, g]
            d_theta[3, m, g] += beta * moved[0]
            for i in range(1, 4):
                d_theta[i - 1, m, g] += beta * tilt * moved[i]
            d_share[m] += tilt * moved[0] / size[m]
            shrink[m] += beta * tilt * moved[0] / size[m]
            if seasonal and m < n_paid:
                for t in range(weeks):
                    d_q[t] += pull[g, t] * beta * tilt * effect[m, g, 0, t]
    for m in range(count):
        if mroas_pull[m] != 0.0:
            _margin_back(
                m, seasonal and m < n_paid, form, media, unseen, initial, credit, tail_credit, theta, room, paths,
                piece[1, m], mroas_pull[m], q, q_tail, d_q, d_tail, d_theta,
            )  # fmt: skip
        d_share[m] += mroas_pull[m] / share[m]
        shrink[m] += mroas_pull[m] / size[m]
    _tests_back(
        n_paid, seasonal, form, initial, t_medium, t_media, t_base, t_weight, theta, share, paths, reach, size,
        lift_pull, d_q, d_theta, d_share, shrink,
    )  # fmt: skip
    for m in range(count):
        for g in range(geos):
            tilt = theta[3, m, g]
            d_theta[3, m, g] -= shrink[m] * piece[0, m, g, 0]
            for i in range(1, 4):
                d_theta[i - 1, m, g] -= shrink[m] * tilt * piece[0, m, g, i]
            if seasonal and m < n_paid:
                for t in range(weeks):
                    d_q[t] -= shrink[m] * tilt * credit[g, t] * lost[m, g, t]
                if tail_credit[g] > 0.0:
                    for t in range(after.shape[2]):
                        d_tail[t] -= shrink[m] * tilt * tail_credit[g] * after[m, g, t]


@njit(inline="always", **BARE)
def _margin_back(  # type: ignore[no-untyped-def]
    m, seasonal, form, media, unseen, initial, credit, tail_credit, theta, room, paths, piece, pull, q, q_tail, d_q,
    d_tail, d_theta,
):  # fmt: skip
    """Add what moves one medium's log marginal size; ``piece``, (G, 4): the margin of each geo."""
    weeks, later = q.shape[0], q_tail.shape[0]
    margin = 0.0
    for g in range(piece.shape[0]):
        margin += theta[3, m, g] * piece[g, 0]
    per = pull / margin
    for g in range(piece.shape[0]):
        tilt = theta[3, m, g]
        d_theta[3, m, g] += per * piece[g, 0]
        for i in range(1, 4):
            d_theta[i - 1, m, g] += per * tilt * piece[g, i]
        if seasonal:
            now, then, size = room[0, :weeks], room[_OTHER, :later], room[_EVEN, :4]
            for t in range(later):
                then[t] = 0.0
            _steepness(
                form[m], media[m, g], unseen[g], initial[m, g], _retention(theta[0, m, g]), theta[1, m, g],
                theta[2, m, g], credit[g], q_tail, tail_credit[g], 1.0, now, then, room, paths, size,
            )  # fmt: skip
            for t in range(weeks):
                d_q[t] += per * tilt * credit[g, t] * now[t]
            if tail_credit[g] > 0.0:
                for t in range(later):
                    d_tail[t] += per * tilt * tail_credit[g] * then[t]


@njit(inline="always", **BARE)
def _tests_back(  # type: ignore[no-untyped-def]
    n_paid, seasonal, form, initial, t_medium, t_media, t_base, t_weight, theta, share, paths, reach, size, lift_pull,
    d_q, d_theta, d_share, shrink,
):  # fmt: skip
    """Add what moves the experiments; see :func:`media_backward`."""
    weeks = d_q.shape[0]
    one, other = paths[0, 0], paths[1, 0]
    for j in range(t_medium.shape[0]):
        m = int(t_medium[j])
        for g in range(initial.shape[1]):
            tilt = theta[3, m, g]
            own = lift_pull[j] * share[m] / size[m]
            d_theta[3, m, g] += own * reach[j, g, 0]
            for i in range(1, 4):
                d_theta[i - 1, m, g] += own * tilt * reach[j, g, i]
            d_share[m] += lift_pull[j] * tilt * reach[j, g, 0] / size[m]
            shrink[m] += own * tilt * reach[j, g, 0] / size[m]
            if seasonal and m < n_paid:
                al, ha, sl = _retention(theta[0, m, g]), theta[1, m, g], theta[2, m, g]
                _replay(form[m], t_base[j, g], t_media[j, g], initial[m, g], al, ha, sl, paths[0], paths[1])
                for t in range(weeks):
                    d_q[t] += own * tilt * t_weight[j, g, t] * (one[t] - other[t])
