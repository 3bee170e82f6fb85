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

from mmm.model.kernel import DENSITY, ENTRIES, WORK, WORKING, Table, call_kernel
from mmm.transforms.graph import Tensor

#: The kernel's address and its data come first; the rest has gradients.
_FIXED = 2
#: Raise it when the Op's own code changes, so that no stale compiled code is used.
KERNEL_VERSION = 15


class CollapsedDensity(Op):
    """Log-likelihood of :mod:`mmm.model.kernel`; the outputs after the first are its gradients."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Take the kernel's address, its packed data, then :data:`mmm.model.kernel.PARAMETERS`."""
        tensors = [pt.as_tensor(value) for value in inputs]
        return Apply(self, tensors, [pt.dscalar(), *(value.type() for value in tensors[_FIXED:])])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        """Evaluate without PyTensor's compiler."""
        given = [np.ascontiguousarray(value, dtype=np.float64) for value in inputs[_FIXED:]]
        results = [np.zeros(()), *(np.zeros_like(value) for value in given)]
        Table(DENSITY, np.ascontiguousarray(inputs[1])).run(given, results)
        for storage, node_output, value in zip(outputs, node.outputs, results, strict=True):
            storage[0] = value.reshape(()) if node_output.ndim == 0 else value

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
    @numba_njit
    def collapsed_density(address, packed, target, now, later, theta, share, sigma, rho, sd, shock):  # type: ignore[no-untyped-def]
        target, theta, share = np.ascontiguousarray(target), np.ascontiguousarray(theta), np.ascontiguousarray(share)
        now, later, sigma = np.ascontiguousarray(now), np.ascontiguousarray(later), np.ascontiguousarray(sigma)
        sd, deviation, spread = np.ascontiguousarray(sd), np.empty(1), np.empty(1)
        deviation[0], spread[0] = rho[()], shock[()]
        value, d_rho, d_shock = np.empty(()), np.empty(()), np.empty(())
        d_target, d_now, d_later = np.empty(target.shape), np.empty(now.shape), np.empty(later.shape)
        d_theta, d_share = np.empty(theta.shape), np.empty(share.shape)
        d_sigma, d_sd = np.empty(sigma.shape), np.empty(sd.shape)
        a = np.empty(ENTRIES, dtype=np.int64)
        a[0], a[1], a[2], a[3], a[4] = 0, packed.ctypes.data, target.ctypes.data, now.ctypes.data, later.ctypes.data
        a[5], a[6], a[7] = theta.ctypes.data, share.ctypes.data, sigma.ctypes.data
        a[8], a[9], a[10] = deviation.ctypes.data, sd.ctypes.data, spread.ctypes.data
        a[11], a[12], a[13], a[14] = value.ctypes.data, d_target.ctypes.data, d_now.ctypes.data, d_later.ctypes.data
        a[15], a[16], a[17] = d_theta.ctypes.data, d_share.ctypes.data, d_sigma.ctypes.data
        a[18], a[19], a[20] = d_rho.ctypes.data, d_sd.ctypes.data, d_shock.ctypes.data
        work = np.empty(int(packed[WORKING]))
        a[WORK] = work.ctypes.data
        call_kernel(np.int64(address[()]), a.ctypes.data)  # type: ignore[call-arg]
        # Numba frees an array after its last use: these must live until here.
        value[()] += 0.0 * (
            a.size + packed.size + target.size + theta.size + share.size + now.size + later.size + sigma.size + sd.size
            + deviation.size + spread.size + work.size
        )  # fmt: skip
        return value, d_target, d_now, d_later, d_theta, d_share, d_sigma, d_rho, d_sd, d_shock

    return collapsed_density, KERNEL_VERSION
