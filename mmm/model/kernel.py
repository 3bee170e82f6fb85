"""The collapsed log-likelihood of a panel, its gradients, and posterior draws of what was integrated out (numba).

:mod:`mmm.model.media_kernel` runs the media, :mod:`mmm.model.panel_kernel` integrates the linear part out; replayed
experiments and stated marginal returns enter as further observations.

The kernel is one compiled function behind a pointer: it takes the address of a table of addresses. What calls it (the
PyTensor graph, the sampler's wrapper) is then compiled without it, and the kernel once for all models.

Numba keeps the compiled kernel by this file's time stamp alone, and that of :mod:`mmm.model.general` by that file's:
when a part of it changes in another file, change these two as well (parts: ninth version).
"""

# ruff: noqa: ANN001, ANN201, ANN202, ARG001, PLR0915  (numba infers types from the call, and fixes signatures)
# mypy: disable-error-code="attr-defined, no-untyped-call, import-untyped, call-arg"

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic

from mmm.arrays import FloatArray
from mmm.model.media_kernel import ROOM, media_backward, media_forward
from mmm.model.media_paths import BARE, BLOCK, PART
from mmm.model.panel_kernel import conditional, draw_linear, gradients, solve
from mmm.model.week_gradients import shocked_gradients
from mmm.model.week_kernel import draw_shocked, shocked

#: Head of the packed data: numbers that the shapes below are made of.
SIZES = ("n_paid", "seasonal", "m", "g", "t", "a", "j", "k", "h", "d", "r", "y", "x")
_HEAD, WORKING = 16, len(SIZES)
#: What is fixed in a fit, with its shape: packed, head first, into one array of floats.
DATA = {
    "form": "m", "media": "mgt", "unseen": "gt", "last_unseen": "g", "initial": "mg", "credit": "gt",
    "tail_credit": "g", "test_medium": "j", "test_media": "jgt", "test_base": "jgt", "test_weight": "jgt",
    "test_lift": "j", "test_se": "j", "mroas_mu": "m", "mroas_sigma": "m", "ones": "gt", "design": "gkt", "gram": "gkk",
    "own_basis": "ght", "own_strength": "gh", "own_rotation": "gdh", "cross": "ghk", "intercept_sd": "2",
    "week_basis": "rt", "week_seen": "gy", "week_lead": "gyf", "week_turn": "gxf", "week_rows": "gxe",
}  # fmt: skip
#: What has a gradient.
PARAMETERS = ("target", "now", "later", "theta", "share", "sigma", "deviation", "sd", "shock")
#: The table: mode, address of the packed data, of the parameters; then of value and gradients, or of what is drawn
#: (mean of the media, size, lift, standard normal numbers in, coefficients and weekly shocks out); and of the floats to
#: work in, as many as the head's entry WORKING says.
FIRST_PARAMETER, FIRST_OUTPUT, WORK, ENTRIES = 2, 11, 22, 24
DENSITY, DRAW = 0, 1

# 0.918… is ln 2π / 2.


@intrinsic
def _pointer(typing, address, like):  # type: ignore[no-untyped-def]
    """Take a 64-bit address as a pointer to the type of ``like``."""
    signature = types.CPointer(like)(address, like)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return signature, generate


@intrinsic
def call_kernel(typing, address, table):  # type: ignore[no-untyped-def]
    """Call the kernel at an address with the address of its table."""
    signature = types.void(types.int64, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        from llvmlite import ir  # noqa: PLC0415

        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)])
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), [arguments[1]])
        return context.get_dummy_value()

    return signature, generate


@njit(**PART)
def _f(address, shape):  # type: ignore[no-untyped-def]
    return carray(_pointer(address, 1.0), shape)


@njit(**PART)
def _i(address, shape):  # type: ignore[no-untyped-def]
    return carray(_pointer(address, np.int64(1)), shape)


@njit(**BARE)
def _observations(t_lift, t_se, lift, mroas_mu, mroas_sigma, marginal, lift_pull, mroas_pull):  # type: ignore[no-untyped-def]
    """Return the log-density of experiments and stated marginal returns; fill the derivatives in what is predicted."""
    value = 0.0
    for j in range(t_lift.shape[0]):
        z = (t_lift[j] - lift[j]) / t_se[j]
        value -= 0.5 * z * z + math.log(t_se[j]) + 0.9189385332046727
        lift_pull[j] = z / t_se[j]
    for m in range(mroas_mu.shape[0]):
        if mroas_sigma[m] > 0.0:
            z = (marginal[m] - mroas_mu[m]) / mroas_sigma[m]
            value -= 0.5 * z * z + math.log(mroas_sigma[m]) + 0.9189385332046727
            mroas_pull[m] = -z / mroas_sigma[m]
    return value


@njit(**BARE)
def _clear(values):  # type: ignore[no-untyped-def]
    for i in range(values.shape[0]):
        values[i] = 0.0


def _kernel_of(shocks):  # type: ignore[no-untyped-def]
    """Return the kernel; without shocks nothing of them is compiled."""

    def kernel(table):  # type: ignore[no-untyped-def]
        """Fill value and gradients, or one draw; see :data:`SIZES`, :data:`DATA`, :data:`PARAMETERS`."""
        a = _i(table, (ENTRIES,))
        mode, base = a[0], a[1]
        head = _f(base, (16,))
        n_paid, seasonal, M, G, T = int(head[0]), head[1] > 0.0, int(head[2]), int(head[3]), int(head[4])
        A, J, K, H, D = int(head[5]), int(head[6]), int(head[7]), int(head[8]), int(head[9])
        R, Y, X = int(head[10]), int(head[11]), int(head[12])
        at = base + 128
        form, at = _f(at, (M,)), at + 8 * M
        media, at = _f(at, (M, G, T)), at + 8 * M * G * T
        unseen, at = _f(at, (G, T)), at + 8 * G * T
        last_unseen, at = _f(at, (G,)), at + 8 * G
        initial, at = _f(at, (M, G)), at + 8 * M * G
        credit, at = _f(at, (G, T)), at + 8 * G * T
        tail_credit, at = _f(at, (G,)), at + 8 * G
        t_medium, at = _f(at, (J,)), at + 8 * J
        t_media, at = _f(at, (J, G, T)), at + 8 * J * G * T
        t_base, at = _f(at, (J, G, T)), at + 8 * J * G * T
        t_weight, at = _f(at, (J, G, T)), at + 8 * J * G * T
        t_lift, at = _f(at, (J,)), at + 8 * J
        t_se, at = _f(at, (J,)), at + 8 * J
        mroas_mu, at = _f(at, (M,)), at + 8 * M
        mroas_sigma, at = _f(at, (M,)), at + 8 * M
        ones, at = _f(at, (G, T)), at + 8 * G * T
        shared, at = _f(at, (G, K, T)), at + 8 * G * K * T
        gram, at = _f(at, (G, K, K)), at + 8 * G * K * K
        own, at = _f(at, (G, H, T)), at + 8 * G * H * T
        strength, at = _f(at, (G, H)), at + 8 * G * H
        rotation, at = _f(at, (G, D, H)), at + 8 * G * D * H
        cross, at = _f(at, (G, H, K)), at + 8 * G * H * K
        intercept_sd, at = _f(at, (2,)), at + 16
        weeks, at = _f(at, (R, T)), at + 8 * R * T
        weeks_seen, at = _f(at, (G, Y)), at + 8 * G * Y
        lead, at = _f(at, (G, Y, 2 + H + K)), at + 8 * G * (2 + H + K) * Y
        turn, at = _f(at, (G, X, 2 + H + K)), at + 8 * G * (2 + H + K) * X
        rows = _f(at, (G, X, R - Y))
        target, q, q_tail, theta = _f(a[2], (G, T)), _f(a[3], (T,)), _f(a[4], (A,)), _f(a[5], (4, M, G))
        share, sigma, rho, sd = _f(a[6], (M,)), _f(a[7], (G,)), _f(a[8], (1,))[0], _f(a[9], (K,))
        tau = _f(a[10], (1,))[0]
        at = a[WORK]
        effect, at = _f(at, (M, G, 4, T)), at + 32 * M * G * T
        lost, at = _f(at, (M, G, T)), at + 8 * M * G * T
        after, at = _f(at, (M, G, A)), at + 8 * M * G * A
        N = max(T, A, BLOCK)
        room, at = _f(at, (ROOM, N)), at + 8 * ROOM * N
        paths, at = _f(at, (2, 4, T)), at + 64 * T
        residual, at = _f(at, (G, T)), at + 8 * G * T
        level, at = _f(at, (G,)), at + 8 * G
        root, at = _f(at, (G,)), at + 8 * G
        e, at = _f(at, (K,)), at + 8 * K
        inverse, at = _f(at, (K, K)), at + 8 * K * K
        _clear(_f(at, (M * (8 * G + 4) + J * (4 * G + 2) + G * (T + K + H) + K,)))
        piece, at = _f(at, (2, M, G, 4)), at + 64 * M * G
        reach, at = _f(at, (J, G, 4)), at + 32 * J * G
        size, at = _f(at, (M,)), at + 8 * M
        mean, at = _f(at, (G, T)), at + 8 * G * T
        lift, at = _f(at, (J,)), at + 8 * J
        marginal, at = _f(at, (M,)), at + 8 * M
        shrink, at = _f(at, (M,)), at + 8 * M
        lift_pull, at = _f(at, (J,)), at + 8 * J
        mroas_pull, at = _f(at, (M,)), at + 8 * M
        p, at = _f(at, (G, K)), at + 8 * G * K
        z, at = _f(at, (G, H)), at + 8 * G * H
        c = _f(at, (K,))
        media_forward(
            n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
            t_weight, mroas_sigma, q, q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size, mean,
            lift, marginal,
        )  # fmt: skip
        for g in range(G):
            for t in range(T):
                residual[g, t] = (target[g, t] - mean[g, t]) if ones[g, t] > 0.0 else 0.0
        if mode == DRAW:
            out_mean, out_size, out_lift = _f(a[11], (G, T)), _f(a[12], (M,)), _f(a[13], (J,))
            for g in range(G):
                for t in range(T):
                    out_mean[g, t] = mean[g, t]
            for m in range(M):
                out_size[m] = size[m]
            for j in range(J):
                out_lift[j] = lift[j]
        pull, d_theta = _f(a[12], (G, T)), _f(a[15], (4, M, G))
        d_q, d_tail, d_share = _f(a[13], (T,)), _f(a[14], (A,)), _f(a[16], (M,))
        if shocks:
            value, along, w, factor, u, moved, covariance, b, outside, whole = shocked(
                residual, ones, shared, gram, own, strength, cross, intercept_sd, weeks, weeks_seen, lead, turn, rows,
                sigma, rho, sd, tau,
            )  # fmt: skip
            if mode == DRAW:
                draw_shocked(
                    ones, strength, rotation, cross, intercept_sd, weeks, lead, turn, rows, sigma, rho, tau, along,
                    factor, u, moved, covariance, b, outside, whole, _f(a[14], (1 + K + G + G * H + T,)),
                    _f(a[15], (1 + K, G)), _f(a[16], (T,)),
                )  # fmt: skip
                return
            _f(a[18], (1,))[0], _f(a[20], (1,))[0] = shocked_gradients(
                residual, ones, shared, gram, own, strength, cross, weeks, weeks_seen, lead, turn, rows, sigma, rho, sd,
                tau, along, w, factor, u, moved, covariance, b, outside, whole, pull, _f(a[17], (G,)), _f(a[19], (K,)),
            )  # fmt: skip
        else:
            value, top, pushed = conditional(
                residual, ones, shared, gram, own, strength, cross, intercept_sd, sigma, rho, sd, p, z, level, root, c,
                inverse,
            )  # fmt: skip
            solve(inverse, c, e)
            if mode == DRAW:
                draw_linear(
                    cross, strength, rotation, intercept_sd, sigma, rho, z, level, root, e, inverse, top, pushed,
                    _f(a[14], (1 + K + G + G * H,)), _f(a[15], (1 + K, G)),
                )  # fmt: skip
                return
            _f(a[18], (1,))[0] = gradients(
                residual, ones, shared, gram, own, strength, cross, intercept_sd, sigma, rho, sd, z, level, root, e,
                inverse, top, pushed, pull, _f(a[17], (G,)), _f(a[19], (K,)),
            )  # fmt: skip
            _f(a[20], (1,))[0] = 0.0
        _clear(d_q)
        _clear(d_tail)
        _clear(d_share)
        _clear(_f(a[15], (4 * M * G,)))
        value += _observations(t_lift, t_se, lift, mroas_mu, mroas_sigma, marginal, lift_pull, mroas_pull)
        _f(a[11], (1,))[0] = value
        media_backward(
            n_paid, seasonal, form, media, unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight, q,
            q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size, pull, lift_pull, mroas_pull,
            d_q, d_tail, d_theta, d_share, shrink,
        )  # fmt: skip
        for g in range(G):
            for t in range(T):
                pull[g, t] = -pull[g, t]  # the target's gradient

    return kernel


@cache
def _compiled(*, shocks: bool) -> Any:
    return cfunc(types.void(types.int64), cache=True, error_model="numpy")(_kernel_of(shocks))


def kernel_address(*, shocks: bool = False) -> int:
    """Return the address of the compiled kernel in this process; the first call in a fresh environment compiles it.

    Parameters
    ----------
    shocks : bool
        Whether geos share a weekly shock.
    """
    return int(_compiled(shocks=shocks).address)


def pack(data: Mapping[str, FloatArray], *, n_paid: int, seasonal: bool, tail: int) -> FloatArray:
    """Pack what is fixed in a fit into one array.

    Parameters
    ----------
    data : Mapping
        Arrays by the names of :data:`DATA`.
    n_paid : int
        The first media scale with demand.
    seasonal : bool
        Whether there is a demand index.
    tail : int
        Weeks A after the window.
    """
    lengths = {"a": tail, "2": 2}
    for name, shape in DATA.items():
        lengths |= dict(zip(shape, data[name].shape, strict=True))
    head = np.zeros(_HEAD)
    sizes = [lengths[size] for size in SIZES[2:]]
    head[: len(SIZES) + 1] = [n_paid, seasonal, *sizes, _working(*sizes)]
    return np.concatenate([head, *(np.asarray(data[name], dtype=np.float64).ravel() for name in DATA)])


def _working(m: int, g: int, t: int, a: int, j: int, k: int, h: int, *_: int) -> int:
    """Return how many floats the kernel works in: those that it does not clear, then those that it does."""
    kept = m * g * (5 * t + a) + ROOM * max(t, a, BLOCK) + 8 * t + g * (t + 2) + k * (k + 1)
    return kept + m * (8 * g + 4) + j * (4 * g + 2) + g * (t + k + h) + k


class Table:
    """The kernel's table of addresses, for calls from Python.

    Parameters
    ----------
    mode : int
        DENSITY or DRAW.
    packed : array
        From :func:`pack`; kept alive here.
    """

    def __init__(self, mode: int, packed: FloatArray) -> None:
        self._packed = packed
        self._entries = np.zeros(ENTRIES, dtype=np.int64)
        self._entries[:2] = mode, packed.ctypes.data
        self._work = np.empty(int(packed[WORKING]))
        self._entries[WORK] = self._work.ctypes.data
        self._at = self._entries.ctypes.data
        self._entry = ctypes.CFUNCTYPE(None, ctypes.c_int64)(kernel_address(shocks=bool(packed[SIZES.index("r")] > 0)))

    def run(self, parameters: Sequence[FloatArray], outputs: Sequence[FloatArray]) -> None:
        """Call the kernel with contiguous arrays, in the order of the table."""
        for first, arrays in ((FIRST_PARAMETER, parameters), (FIRST_OUTPUT, outputs)):
            self._entries[first : first + len(arrays)] = [array.ctypes.data for array in arrays]
        self.again()

    def again(self) -> None:
        """Call the kernel with the arrays of the last :meth:`run`, which the caller still holds."""
        self._entry(self._at)
