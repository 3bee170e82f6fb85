"""The collapsed log-likelihood of a panel, all its gradients, and one posterior draw of what was integrated out (numba).

:mod:`mmm.model.media_kernel` runs the media, :mod:`mmm.model.panel_kernel` integrates the linear part out; replayed
experiments and stated marginal returns enter as further observations.

The kernel is one compiled function behind a pointer: it takes the address of a table of addresses. What calls it (the
PyTensor graph, the sampler's wrapper) is then compiled without it, and the kernel once for all models and machines' runs.
"""

# ruff: noqa: ANN001, ANN201, ANN202  (numba infers types from the call)

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic

from mmm.model.media_kernel import PART, media_backward, media_forward
from mmm.model.panel_kernel import conditional, draw_linear, gradients, solve

#: Sizes at the head of the table; then the addresses of DATA, PARAMETERS and OUTPUTS, in this order.
SIZES = ("mode", "n_paid", "seasonal", "media", "geos", "weeks", "tail", "tests", "columns", "owns", "differ")
#: What is fixed in a fit, with its shape; all of it as floats (PyMC narrows integers).
DATA = {
    "form": "m", "media": "mgt", "unseen": "gt", "last_unseen": "g", "initial": "mg", "credit": "gt",
    "tail_credit": "g", "test_medium": "j", "test_media": "jgt", "test_weight": "jgt", "test_lift": "j",
    "test_se": "j", "mroas_mu": "m", "mroas_sigma": "m", "ones": "gt", "design": "gkt", "gram": "gkk",
    "own_basis": "ght", "own_strength": "gh", "own_rotation": "gdh", "cross": "ghk", "intercept_sd": "2",
}  # fmt: skip
#: What has a gradient.
PARAMETERS = {
    "target": "gt", "now": "t", "later": "a", "theta": "4mg", "share": "m", "sigma": "g", "deviation": "", "sd": "k",
}  # fmt: skip
#: Value, gradients; and of a posterior draw: standard normal numbers in, the rest out.
DRAWN = {"mean": "gt", "size": "m", "lift": "j", "normal": "n", "coef": "lg"}
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


@njit(**PART)
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


@njit(**PART)
def _clear(d_q, d_tail, d_share, d_theta):  # type: ignore[no-untyped-def]
    for t in range(d_q.shape[0]):
        d_q[t] = 0.0
    for t in range(d_tail.shape[0]):
        d_tail[t] = 0.0
    for m in range(d_share.shape[0]):
        d_share[m] = 0.0
        for i in range(4):
            for g in range(d_theta.shape[2]):
                d_theta[i, m, g] = 0.0


def _kernel(table):  # type: ignore[no-untyped-def]
    """Fill value and gradients, or one draw; see :data:`SIZES`, :data:`DATA`, :data:`PARAMETERS`, :data:`DRAWN`."""
    a = _i(table, (64,))
    mode, n_paid, seasonal, M, G, T, A, J, K, H, D = (
        a[0],
        a[1],
        a[2] > 0,
        a[3],
        a[4],
        a[5],
        a[6],
        a[7],
        a[8],
        a[9],
        a[10],
    )
    form, media, unseen, last_unseen = _f(a[11], (M,)), _f(a[12], (M, G, T)), _f(a[13], (G, T)), _f(a[14], (G,))
    initial, credit, tail_credit = _f(a[15], (M, G)), _f(a[16], (G, T)), _f(a[17], (G,))
    t_medium, t_media, t_weight = _f(a[18], (J,)), _f(a[19], (J, G, T)), _f(a[20], (J, G, T))
    t_lift, t_se, mroas_mu, mroas_sigma = _f(a[21], (J,)), _f(a[22], (J,)), _f(a[23], (M,)), _f(a[24], (M,))
    ones, shared, gram, own = _f(a[25], (G, T)), _f(a[26], (G, K, T)), _f(a[27], (G, K, K)), _f(a[28], (G, H, T))
    strength, rotation, cross = _f(a[29], (G, H)), _f(a[30], (G, D, H)), _f(a[31], (G, H, K))
    intercept_sd = _f(a[32], (2,))
    target, q, q_tail, theta = _f(a[33], (G, T)), _f(a[34], (T,)), _f(a[35], (A,)), _f(a[36], (4, M, G))
    share, sigma, rho, sd = _f(a[37], (M,)), _f(a[38], (G,)), _f(a[39], (1,))[0], _f(a[40], (K,))
    effect, lost, after = np.empty((M, G, 4, T)), np.empty((M, G, T)), np.zeros((M, G, A))
    piece, reach, marginal = np.zeros((2, M, G, 4)), np.zeros((J, G, 4)), np.zeros(M)
    size, mean, lift = np.zeros(M), np.zeros((G, T)), np.zeros(J)
    media_forward(
        n_paid, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_weight,
        mroas_sigma, q, q_tail, theta, share, effect, lost, after, piece, reach, size, mean, lift, marginal,
    )  # fmt: skip
    residual = np.empty((G, T))
    for g in range(G):
        for t in range(T):
            residual[g, t] = (target[g, t] - mean[g, t]) if ones[g, t] > 0.0 else 0.0
    p, z, level, root = np.zeros((G, K)), np.zeros((G, H)), np.empty(G), np.empty(G)
    c, e, inverse = np.zeros(K), np.empty(K), np.empty((K, K))
    value, top, pushed = conditional(
        residual, ones, shared, gram, own, strength, cross, intercept_sd, sigma, rho, sd, p, z, level, root, c, inverse
    )  # fmt: skip
    solve(inverse, c, e)
    if mode == DRAW:
        out_mean, out_size, out_lift = _f(a[50], (G, T)), _f(a[51], (M,)), _f(a[52], (J,))
        for g in range(G):
            for t in range(T):
                out_mean[g, t] = mean[g, t]
        for m in range(M):
            out_size[m] = size[m]
        for j in range(J):
            out_lift[j] = lift[j]
        draw_linear(
            cross, strength, rotation, intercept_sd, sigma, rho, z, level, root, e, inverse, top, pushed,
            _f(a[53], (1 + K + G + G * H,)), _f(a[54], (1 + K, G)),
        )  # fmt: skip
        return
    pull, d_theta, lift_pull, mroas_pull = _f(a[42], (G, T)), _f(a[45], (4, M, G)), np.zeros(J), np.zeros(M)
    d_q, d_tail, d_share = _f(a[43], (T,)), _f(a[44], (A,)), _f(a[46], (M,))
    _clear(d_q, d_tail, d_share, d_theta)
    _f(a[48], (1,))[0] = gradients(
        residual, ones, shared, gram, own, strength, cross, intercept_sd, sigma, rho, sd, z, level, root, e, inverse,
        top, pushed, pull, _f(a[47], (G,)), _f(a[49], (K,)),
    )  # fmt: skip
    value += _observations(t_lift, t_se, lift, mroas_mu, mroas_sigma, marginal, lift_pull, mroas_pull)
    _f(a[41], (1,))[0] = value
    media_backward(
        n_paid, form, media, initial, credit, tail_credit, t_medium, t_media, t_weight, seasonal, q, theta, share,
        effect, lost, after, piece, reach, size, pull, lift_pull, mroas_pull, d_q, d_tail, d_theta, d_share,
    )  # fmt: skip
    for g in range(G):
        for t in range(T):
            pull[g, t] = -pull[g, t]  # the target's gradient


@cache
def _compiled() -> Any:
    return cfunc(types.void(types.int64), cache=True, error_model="numpy")(_kernel)


def kernel_address() -> int:
    """Return the address of the compiled kernel in this process; the first call in a fresh environment compiles it."""
    return int(_compiled().address)


def dimensions(mode: int, n_paid: int, seasonal: bool, data: Mapping[str, Any], columns: int) -> list[int]:  # noqa: FBT001
    """Return the head of the table.

    Parameters
    ----------
    data : Mapping
        Arrays by the names of :data:`DATA`.
    columns : int
        A: weeks after the window.
    """
    media, geos, weeks = data["media"].shape
    owns, differ = data["own_strength"].shape[1], data["own_rotation"].shape[1]
    tests, shared = len(data["test_medium"]), data["gram"].shape[1]
    return [mode, n_paid, int(seasonal), media, geos, weeks, columns, tests, shared, owns, differ]


class Table:
    """The kernel's table of addresses, for calls from Python.

    Parameters
    ----------
    head : sequence of int
        From :func:`dimensions`.
    data : Mapping
        Arrays by the names of :data:`DATA`; kept alive here.
    """

    def __init__(self, head: list[int], data: Mapping[str, Any]) -> None:
        self._entries = np.zeros(64, dtype=np.int64)
        self._entries[: len(head)] = head
        self._data = [np.ascontiguousarray(data[name], dtype=np.float64) for name in DATA]
        self.put(len(SIZES), self._data)

    def put(self, first: int, arrays: list[Any]) -> None:
        """Write the addresses of contiguous arrays; the caller keeps them alive until :meth:`run` returns."""
        self._entries[first : first + len(arrays)] = [array.ctypes.data for array in arrays]

    def run(self) -> None:
        """Call the kernel."""
        entry = ctypes.CFUNCTYPE(None, ctypes.c_int64)(kernel_address())
        entry(self._entries.ctypes.data)
