"""The compiled kernel as a PyTensor Op: value and every gradient from one call.

PyMC keeps priors, transforms and names; the graph around the Op stays small, so that it compiles in seconds.
"""

# ruff: noqa: ANN001, ANN202, ARG001, ARG002  (numba infers types; PyTensor calls by fixed signatures)

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from mmm.model.kernel import DATA, DENSITY, PARAMETERS, SIZES, Table, call_kernel, dimensions
from mmm.transforms.graph import Tensor

#: The kernel's address and its data come first; the rest has gradients.
_FIXED = 1 + len(DATA)
#: Raise it when a kernel's mathematics changes, so that no stale compiled code is used.
KERNEL_VERSION = 6
#: First entries of the table for data, parameters and outputs.
_INPUTS = len(SIZES)
_OUTPUTS = _INPUTS + len(DATA) + len(PARAMETERS)


class CollapsedDensity(Op):
    """Log-likelihood of :mod:`mmm.model.kernel`; the outputs after the first are its gradients.

    Parameters
    ----------
    n_paid : int
        The first media scale with demand.
    seasonal : bool
        Whether there is a demand index.
    """

    __props__ = ("n_paid", "seasonal")

    def __init__(self, n_paid: int, *, seasonal: bool) -> None:
        self.n_paid = n_paid
        self.seasonal = seasonal

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Take the kernel's address, its data, then what has gradients."""
        tensors = [pt.as_tensor(value) for value in inputs]
        return Apply(self, tensors, [pt.dscalar(), *(value.type() for value in tensors[_FIXED:])])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        """Evaluate without PyTensor's compiler."""
        data = dict(zip(DATA, inputs[1:_FIXED], strict=True))
        given = [np.ascontiguousarray(value, dtype=np.float64) for value in inputs[_FIXED:]]
        results = [np.zeros(()), *(np.zeros_like(value) for value in given)]
        table = Table(dimensions(DENSITY, self.n_paid, self.seasonal, data, len(given[2])), data)
        table.put(_INPUTS + len(DATA), [*given, *results])
        table.run()
        for storage, value in zip(outputs, results, strict=True):
            storage[0] = value

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Tensor]:
        """Return the gradients that the forward pass has made."""
        return [disconnected_type()] * _FIXED + [cotangents[0] * gradient for gradient in outputs[1:]]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Only the log-likelihood depends, differentiably, on what is not data."""
        count = len(node.outputs)
        fixed = [[False] * count] * _FIXED
        return fixed + [[True] + [False] * (count - 1)] * (len(node.inputs) - _FIXED)


@register_funcify_default_op_cache_key(CollapsedDensity)  # type: ignore[untyped-decorator]
def _compiled(op: CollapsedDensity, node: Any, **kwargs: Any) -> tuple[Any, int]:
    n_paid, seasonal = op.n_paid, int(op.seasonal)

    @numba_njit
    def collapsed_density(  # type: ignore[no-untyped-def]
        address, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_weight, t_lift,
        t_se, mroas_mu, mroas_sigma, ones, shared, gram, own, strength, rotation, cross, intercept_sd,
        target, now, later, theta, share, sigma, rho, sd,
    ):  # fmt: skip
        target, theta, share = np.ascontiguousarray(target), np.ascontiguousarray(theta), np.ascontiguousarray(share)
        now, later, sigma = np.ascontiguousarray(now), np.ascontiguousarray(later), np.ascontiguousarray(sigma)
        sd, deviation = np.ascontiguousarray(sd), np.empty(1)
        deviation[0] = rho[()]
        value, d_rho = np.empty(()), np.empty(())
        d_target, d_now, d_later, d_theta = (
            np.empty(target.shape), np.empty(now.shape), np.empty(later.shape), np.empty(theta.shape),
        )  # fmt: skip
        d_share, d_sigma, d_sd = np.empty(share.shape), np.empty(sigma.shape), np.empty(sd.shape)
        a = np.empty(64, dtype=np.int64)
        a[0], a[1], a[2], a[3], a[4], a[5] = 0, n_paid, seasonal, media.shape[0], media.shape[1], media.shape[2]
        a[6], a[7], a[8], a[9], a[10] = (
            later.shape[0], t_medium.shape[0], gram.shape[1], own.shape[1], rotation.shape[1],
        )  # fmt: skip
        a[11], a[12], a[13], a[14] = form.ctypes.data, media.ctypes.data, unseen.ctypes.data, last_unseen.ctypes.data
        a[15], a[16], a[17] = initial.ctypes.data, credit.ctypes.data, tail_credit.ctypes.data
        a[18], a[19], a[20] = t_medium.ctypes.data, t_media.ctypes.data, t_weight.ctypes.data
        a[21], a[22], a[23], a[24] = t_lift.ctypes.data, t_se.ctypes.data, mroas_mu.ctypes.data, mroas_sigma.ctypes.data
        a[25], a[26], a[27], a[28] = ones.ctypes.data, shared.ctypes.data, gram.ctypes.data, own.ctypes.data
        a[29], a[30], a[31], a[32] = (
            strength.ctypes.data, rotation.ctypes.data, cross.ctypes.data, intercept_sd.ctypes.data,
        )  # fmt: skip
        a[33], a[34], a[35], a[36] = target.ctypes.data, now.ctypes.data, later.ctypes.data, theta.ctypes.data
        a[37], a[38], a[39], a[40] = share.ctypes.data, sigma.ctypes.data, deviation.ctypes.data, sd.ctypes.data
        a[41], a[42], a[43], a[44] = value.ctypes.data, d_target.ctypes.data, d_now.ctypes.data, d_later.ctypes.data
        a[45], a[46], a[47] = d_theta.ctypes.data, d_share.ctypes.data, d_sigma.ctypes.data
        a[48], a[49] = d_rho.ctypes.data, d_sd.ctypes.data
        call_kernel(np.int64(address[()]), a.ctypes.data)
        # Numba frees an array after its last use: these must live until here.
        value[()] += 0.0 * (
            a.size + target.size + theta.size + share.size + now.size + later.size + sigma.size + sd.size
            + deviation.size + form.size + media.size + unseen.size + last_unseen.size + initial.size + credit.size
            + tail_credit.size + t_medium.size + t_media.size + t_weight.size + t_lift.size + t_se.size
            + mroas_mu.size + mroas_sigma.size + ones.size + shared.size + gram.size + own.size + strength.size
            + rotation.size + cross.size + intercept_sd.size
        )  # fmt: skip
        return value, d_target, d_now, d_later, d_theta, d_share, d_sigma, d_rho, d_sd

    return collapsed_density, KERNEL_VERSION
