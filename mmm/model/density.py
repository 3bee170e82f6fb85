"""The collapsed log-likelihood as one PyTensor Op: value and every gradient from one call of the compiled kernel.

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

from mmm.model.kernel import collapsed
from mmm.transforms.graph import Tensor

#: Inputs that are data; the rest have gradients.
_DATA = 8
#: Raise it when the kernel's mathematics changes, so that no stale compiled code is used.
_KERNEL_VERSION = 1


class CollapsedDensity(Op):
    """Log-likelihood of :func:`mmm.model.kernel.collapsed`; the outputs after the first are its gradients.

    Parameters
    ----------
    n_paid : int
        The first media scale with demand.
    """

    __props__ = ("n_paid",)

    def __init__(self, n_paid: int) -> None:
        self.n_paid = n_paid

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Take form, media, initial, credit, tail_credit, target, basis, strength; then what has gradients."""
        tensors = [pt.as_tensor(value) for value in inputs]
        return Apply(self, tensors, [pt.dscalar(), *(value.type() for value in tensors[_DATA:])])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        """Evaluate without PyTensor's compiler."""
        results = collapsed(self.n_paid, *(np.ascontiguousarray(value) for value in inputs))
        for storage, value in zip(outputs, results, strict=True):
            storage[0] = np.asarray(value)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Tensor]:
        """Return the gradients that the forward pass has made."""
        return [disconnected_type()] * _DATA + [cotangents[0] * gradient for gradient in outputs[1:]]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Only the log-likelihood depends, differentiably, on what is not data."""
        count = len(node.outputs)
        data = [[False] * count] * _DATA
        return data + [[True] + [False] * (count - 1)] * (len(node.inputs) - _DATA)


@register_funcify_default_op_cache_key(CollapsedDensity)  # type: ignore[untyped-decorator]
def _compiled(op: CollapsedDensity, node: Any, **kwargs: Any) -> tuple[Any, int]:
    n_paid = op.n_paid

    @numba_njit
    def collapsed_density(  # type: ignore[no-untyped-def]
        form, media, initial, credit, tail_credit, target, basis, strength, q, q_tail, alpha, half, slope, share, sigma
    ):  # fmt: skip
        return collapsed(
            n_paid, form, media, initial, credit, tail_credit, target, basis, strength, q, q_tail, alpha, half, slope,
            share, sigma,
        )  # fmt: skip

    return collapsed_density, _KERNEL_VERSION
