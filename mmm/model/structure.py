"""What of a PyMC model is compiled: its density and starting point, apart from the values of its data.

Two models with the same structure share one compiled density; only their data differ. The structure is read off the
graph itself, so that two models share compiled code exactly when the code would be the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
from pymc.initial_point import make_initial_point_expression
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import io_toposort

from mmm.arrays import FloatArray
from mmm.transforms.graph import Tensor


@dataclass(frozen=True, eq=False)
class Structure:
    """A model's density and starting point as graphs, and the data that they read.

    Attributes
    ----------
    key : Hashable
        Equal for two models of the same structure in one process.
    density : Tensor
        Log-density of the unconstrained values.
    starts : tuple of Tensor
        Starting point of each value.
    values : tuple of Tensor
        The unconstrained value variables, in the order of the model's free variables.
    shared : tuple
        The shared variables that the graphs read; in the same order for models with the same key.
    """

    key: Hashable
    density: Tensor
    starts: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    shared: tuple[Any, ...]

    def data(self) -> list[FloatArray]:
        """Return the present value of every shared variable, as C-ordered copies."""
        return [np.array(variable.get_value(), order="C") for variable in self.shared]


def structure(model: pm.Model) -> Structure:
    """Read a model's structure off its graph.

    Parameters
    ----------
    model : pymc.Model
        Every array that differs between two data sets of one structure is a ``pm.Data``; an array written into the
        graph as a constant belongs to the structure.
    """
    density = model.logp()
    starts = make_initial_point_expression(
        free_rvs=model.free_RVs,
        rvs_to_transforms=model.rvs_to_transforms,
        initval_strategies=model.rvs_to_initial_values,
        jitter_rvs=set(),
        return_transformed=True,
    )
    values = tuple(model.rvs_to_values[variable] for variable in model.free_RVs)
    key, shared = _read([density, *starts], values)
    return Structure(key, density, tuple(starts), values, shared)


def _read(outputs: Sequence[Tensor], values: Sequence[Tensor]) -> tuple[Hashable, tuple[Any, ...]]:
    """Return the graph's key and its shared variables, both in the order of computation."""
    numbers: dict[Any, int] = {}
    leaves: list[Hashable] = []
    shared: list[Any] = []
    for variable in values:
        numbers[variable] = len(numbers)
        leaves.append(("value", variable.type))

    def number(variable: Any) -> int:
        if variable not in numbers:
            numbers[variable] = len(numbers)
            leaves.append(_leaf(variable))
            if isinstance(variable, SharedVariable):
                shared.append(variable)
        return numbers[variable]

    def nodes() -> Iterator[Hashable]:
        for node in io_toposort([], outputs):
            yield node.op, tuple(number(variable) for variable in node.inputs)
            for output in node.outputs:
                numbers[output] = len(numbers)

    graph = tuple(nodes())
    return (graph, tuple(number(output) for output in outputs), tuple(leaves)), tuple(shared)


def _leaf(variable: Any) -> Hashable:
    if isinstance(variable, Constant):
        value = np.asarray(variable.data) if isinstance(variable.data, np.ndarray | np.generic) else None
        held = (value.shape, value.tobytes()) if value is not None else variable.data
        return "constant", variable.type, held
    return "data" if isinstance(variable, SharedVariable) else "input", variable.type
