"""A slim bridge from a PyMC model to the sampler: one compiled function, kept on disk, that reads its data by address.

The sampler's public way compiles two wrappers anew in every process and holds the data's shapes fixed. Here the
log-density and its gradient are one PyTensor function; a small C wrapper calls it with arrays whose addresses and
shapes come at run time, so that other data need no new code; and draws are turned back into the variables' own units
with the transforms' formulas. The sampler's inner calls are private, so :mod:`mmm.model.compiled` takes this way only
with the versions that it was written for, and the public way otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numba
import numpy as np
import nutpie
import pyarrow as pa
import pymc as pm
import pytensor
import pytensor.tensor as pt
from numba.core import cgutils, types
from numba.core.caching import FunctionCache
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numpy.typing import NDArray
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.replace import clone_replace
from pytensor.graph.rewriting.utils import rewrite_graph
from pytensor.graph.traversal import io_toposort
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS, compile_numba_function_src
from pytensor.tensor.basic import Split

from mmm.arrays import FloatArray
from mmm.model.apart import in_child
from mmm.model.chains import STATISTICS, ChainDraws, ChainJob, Watch
from mmm.model.structure import Structure
from mmm.model.units import Back, Formula
from mmm.transforms.graph import Tensor

#: Raise it when the wrapper's source changes.
_WRAPPER = 2
#: Milliseconds between two reports of a chain's progress.
_REPORT = 100
_NAME = "unconstrained"

# Numba and PyTensor ship no types for what follows.
_numba: Any = numba
_pytensor: Any = pytensor
_pt: Any = pt
_types: Any = types
_kept_code: Any = FunctionCache
_POINTER = _types.CPointer(_types.double)
_DENSITY = _types.int64(_types.uint64, _POINTER, _POINTER, _POINTER, _types.CPointer(_types.int64))
_EXPAND = _types.int64(_types.uint64, _types.uint64, _POINTER, _POINTER, _types.CPointer(_types.int64))


@intrinsic
def _at(typing: Any, address: Any) -> Any:  # noqa: ARG001
    """Return the pointer of an integer address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


@_numba.cfunc(_EXPAND, cache=True)
def _as_is(size, count, given, taken, data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001
    for i in range(size):
        taken[i] = given[i]
    return 0


@dataclass(frozen=True, eq=False)
class SlimCode:
    """The compiled part, shared by all models of one structure, whatever their sizes.

    Attributes
    ----------
    density : object
        The C function.
    function : object
        PyTensor's function behind it; it owns the compiled code.
    reads : tuple of int
        Which of the structure's shared variables the density reads, in the order that it takes them.
    starts : Callable
        From the data of all shared variables to the starting point of every value.
    fixed : Callable
        From the same to what the density reads first: all that follows from data alone, worked out once.
    """

    density: Any
    function: Any
    reads: tuple[int, ...]
    starts: Callable[..., list[FloatArray]]
    fixed: Callable[..., list[FloatArray]]


def compile_slim(model: pm.Model, found: Structure) -> SlimCode:
    """Compile the density and gradient of a structure; ``model`` is any model that has it."""
    moving, fixed, given = _apart_from_data(_simple(found.density), found.values)
    function = _compile_density(model, found, moving, given)
    read = [found.shared.index(variable) for variable in function.get_shared()]
    density = _wrap(function, found.values, [*given, *(found.shared[i] for i in read)])
    return SlimCode(density, function, tuple(read), _from_data(found, found.starts), _from_data(found, fixed))


def _from_data(found: Structure, wanted: Sequence[Tensor]) -> Callable[..., list[FloatArray]]:
    """Return a function from the data of all shared variables to what follows from them."""
    inputs = [variable.type() for variable in found.shared]
    outputs = clone_replace(list(wanted), dict(zip(found.shared, inputs, strict=True)))
    # Evaluated once a fit: what PyTensor interprets is ready sooner than what it compiles.
    mode = _pytensor.compile.mode.Mode(linker="py", optimizer=None)
    compiled: Callable[..., list[FloatArray]] = _pytensor.function(inputs, outputs, mode=mode, on_unused_input="ignore")
    return compiled


def _simple(density: Tensor) -> Tensor:
    # A prior's own checks (sigma > 0) are of data that were checked when they were read.
    simple: Tensor = rewrite_graph(density, include=["canonicalize", "stabilize", "local_remove_check_parameter"])
    return simple


def _apart_from_data(density: Tensor, values: Sequence[Tensor]) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Return the density with inputs in the place of all that follows from data alone, that, and those inputs.

    Logarithms and gamma functions of the priors' parameters are then not worked out anew at every point.
    """
    moving: set[Any] = set(values)
    still: set[Any] = set()
    found: dict[Any, Any] = {}
    for node in io_toposort([], [density]):
        if moving.isdisjoint(node.inputs):
            if any(isinstance(variable, SharedVariable) or variable in still for variable in node.inputs):
                still.update(node.outputs)
            continue
        moving.update(node.outputs)
        for variable in node.inputs:
            if variable in still and variable not in found and str(variable.type.dtype) == "float64":
                found[variable] = variable.type()
    (left,) = clone_replace([density], found)
    return left, list(found), list(found.values())


def _compile_density(model: pm.Model, found: Structure, density: Tensor, given: Sequence[Tensor]) -> Any:
    """Return PyTensor's function from the values, and what is given beside them, to log-density and gradients.

    The values are inputs of their own, with no shape known: the code then serves any number of channels and geos.
    """
    outputs = _without_splits([density, *_pt.grad(density, list(found.values))])
    with model:
        return pm.pytensorf.compile([*found.values, *given], outputs, mode="NUMBA", on_unused_input="ignore")


def _without_splits(outputs: list[Any]) -> list[Any]:
    """Return the graph with slices for ``Split``, the gradient of a concatenation: each takes seconds to compile."""
    while True:
        split = next((node for node in io_toposort([], outputs) if isinstance(node.op, Split)), None)
        if split is None:
            return outputs
        whole, sizes = cast("list[Any]", split.inputs)
        before = (slice(None),) * int(split.op.axis)
        pieces, end = [], 0
        for i in range(split.op.len_splits):
            start, end = end, end + sizes[i]
            pieces.append(whole[(*before, slice(start, end))])
        outputs = clone_replace(outputs, dict(zip(split.outputs, pieces, strict=True)))


def _source(values: Sequence[Any], shared: Sequence[Any]) -> str:
    """Return the wrapper's source.

    ``data`` holds the shape of each value in turn, then an address and a shape for each shared variable.
    """
    lines = ["def slim_density(size, given, slope, density, data):", "    x = carray(given, (size,))"]
    place, end, sizes = 0, "0", []
    for i, value in enumerate(values):
        shape = [f"data[{place + axis}]" for axis in range(value.type.ndim)]
        lines += [f"    e{i} = {end} + {' * '.join(shape) or '1'}", f"    x{i} = x[{end}:e{i}]{_shaped(shape)}"]
        place, end = place + len(shape), f"e{i}"
        sizes.append(shape)
    for i, variable in enumerate(shared):
        shape = [f"data[{place + 1 + axis}]" for axis in range(variable.type.ndim)]
        flat = " * ".join(shape) or "1"
        lines.append(f"    d{i} = carray(_at(data[{place}]), ({flat},), np.{variable.type.dtype}){_shaped(shape)}")
        place += 1 + len(shape)
    taken = _together([f"x{i}" for i in range(len(values))] + [f"d{i}" for i in range(len(shared))])
    given = ", ".join(f"g{i}" for i in range(len(values)))
    # 1, 3 and 4 tell the sampler that this point cannot be evaluated, and to step back from it.
    lines += ["    try:", f"        value, {given} = inner(*{taken})", "        density[0] = value[()]"]
    lines += ["        place = 0"]
    for i in range(len(values)):
        lines += [f"        for entry in g{i}.flat:", "            slope[place] = entry", "            place += 1"]
    lines += ["    except Exception:", "        return 1", "    for i in range(size):"]
    lines += ["        if not np.isfinite(slope[i]):", "            return 3"]
    lines += ["    return 0 if np.isfinite(density[0]) else 4"]
    return "\n".join(lines)


def _together(names: list[str]) -> str:
    """Write a tuple in pieces: one of more than 30 members is built by way of a list, which numba does not take."""
    pieces = [names[first : first + 20] for first in range(0, len(names), 20)]
    return "(" + " + ".join("(" + ", ".join(piece) + ",)" for piece in pieces) + ")"


def _shaped(shape: Sequence[str]) -> str:
    return "" if len(shape) == 1 else f".reshape(({', '.join(shape)}))"


def _wrap(function: Any, values: Sequence[Any], shared: Sequence[Any]) -> Any:
    inner = function.vm.jit_fn
    source = _source(values, shared)
    # No key: something in the graph cannot be kept on disk; it is compiled in this process then.
    kept = CACHED_SRC_FUNCTIONS.get(inner.py_func)
    key = None if kept is None else hashlib.sha256(f"{_WRAPPER}{kept}{source}".encode()).hexdigest()
    names = {"carray": _numba.carray, "np": np, "_at": _at, "inner": inner, "__name__": __name__}
    wrapper = compile_numba_function_src(source, "slim_density", global_env=names, cache_key=key)
    compile_ = _numba.cfunc(_DENSITY, cache=key is not None)
    if key is not None and _kept_code(wrapper).load_overload(_DENSITY, cpu_target.target_context) is None:
        in_child(lambda: compile_(wrapper))
    return compile_(wrapper)


@dataclass(frozen=True, eq=False)
class SlimSampler:
    """Compiled code with one model's data: what chains are started from.

    Attributes
    ----------
    code : SlimCode
    data : list of ndarray
        What ``places`` points at.
    places : ndarray of int64
    start_at : (size,)
        Starting point before each chain's own jitter.
    back : tuple of Back
        From unconstrained values to each free variable.
    names : tuple of str
        Of the model's value variables.
    """

    code: SlimCode
    data: list[FloatArray]
    places: NDArray[np.int64]
    start_at: FloatArray
    back: tuple[Back, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, code: SlimCode, found: Structure, back: Mapping[str, Formula]) -> SlimSampler:
        """Bind code to the data that a structure's shared variables hold now.

        Parameters
        ----------
        code : SlimCode
        found : Structure
            Of any model with the code's structure.
        back : Mapping
            Name of each free variable, in order → its way back to its own units.
        """
        values = found.data()
        fixed = [np.array(value, dtype=np.float64, order="C") for value in code.fixed(*values)]
        data = [*fixed, *(values[i] for i in code.reads)]
        starts = [np.asarray(start, dtype=np.float64) for start in code.starts(*values)]
        shapes = [length for start in starts for length in start.shape]
        addresses = [number for array in data for number in (array.ctypes.data, *array.shape)]
        places = np.cumsum([0, *(start.size for start in starts)])
        ways = tuple(
            Back(name, int(place), start.shape, formula)
            for (name, formula), place, start in zip(back.items(), places, starts, strict=False)
        )
        start_at = np.concatenate([start.ravel() for start in starts])
        names = tuple(str(value.name) for value in found.values)
        return cls(code, data, np.array([*shapes, *addresses, 0], dtype=np.int64), start_at, ways, names)

    @property
    def size(self) -> int:
        """Number of unconstrained values."""
        return len(self.start_at)

    def start(self, job: ChainJob, watch: Watch | None) -> SlimChain:
        """Start a chain; see :class:`mmm.model.chains.Sampler`."""
        lib = nutpie._lib  # noqa: SLF001  (guarded by the version)
        make = lib.PyNutsSettings.LowRank if job.adaptation == "low_rank" else lib.PyNutsSettings.Diag
        settings = make(job.seed)
        settings.update(
            {"num_tune": job.tune, "num_draws": job.draws, "num_chains": 1, "target_accept": job.target_accept}
        )
        size = self.size
        axis = {f"{_NAME}_axis": size}
        variables = lib.PyVariable.new_variables([_NAME], ["float64"], [(size,)], axis, {_NAME: [*axis]})
        where = self.places.ctypes.data
        inner = lib.PyMcModel(
            lib.LogpFunc(self.code.density.address, where, self),
            lib.ExpandFunc(size, size, _as_is.address, where, self),
            variables,
            size,
            axis,
            {f"{_NAME}_axis": np.arange(size)},
            self._jittered,
            _no_adapter,
        )
        report = None
        if watch is not None:

            def report(chains: Any) -> None:
                watch(job.chain, int(chains[0].finished_draws), int(chains[0].divergences))

        sampler = lib.PySampler.from_pymc(
            settings, 1, inner, lib.ProgressType.none(), report, _REPORT, lib.PyStorage.arrow()
        )
        return SlimChain(sampler, job, self.back)

    def _jittered(self, seed: int) -> FloatArray:
        return self.start_at + np.random.default_rng(seed).uniform(-1.0, 1.0, self.size)

    def split(self, joined: FloatArray) -> dict[str, FloatArray]:
        """Return joined unconstrained values, (size,), by the model's value variables, as PyMC takes a point."""
        return {
            name: joined[back.start : back.start + int(np.prod(back.shape))].reshape(back.shape)
            for name, back in zip(self.names, self.back, strict=True)
        }

    def evaluate(self, values: FloatArray) -> tuple[float, FloatArray]:
        """Return log-density and gradient, (size,), at unconstrained ``values``, as the sampler sees them."""
        value, slope = np.empty(1), np.empty(self.size)
        given = np.ascontiguousarray(values, dtype=np.float64)
        pointers = [array.ctypes.data_as(self.code.density.ctypes.argtypes[1]) for array in (given, slope, value)]
        data = self.places.ctypes.data_as(self.code.density.ctypes.argtypes[4])
        status = self.code.density.ctypes(self.size, *pointers, data)
        return (float(value[0]), slope) if status == 0 else (-np.inf, np.full(self.size, np.nan))


def _no_adapter(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("the flow adaptation is not used here")


@dataclass(frozen=True, eq=False)
class SlimChain:
    """A chain at work; see :class:`mmm.model.chains.RunningChain`."""

    sampler: Any
    job: ChainJob
    back: tuple[Back, ...]

    def finished(self) -> bool:
        """Whether the chain is done."""
        try:
            return bool(self.sampler.is_finished())
        except TimeoutError:  # how this version says "not yet"
            return False

    def stop(self) -> None:
        """End the chain."""
        self.sampler.abort()

    def collect(self) -> ChainDraws:
        """Return the draws in the variables' own units."""
        self.sampler.wait(None)
        draws, statistics = (batches[0] for batches in self.sampler.take_results().get_arrow_trace())
        kept = ~_column(statistics, "tuning").astype(bool)
        flat = _column(draws, _NAME).reshape(len(kept), -1)[kept]
        names = set(statistics.column_names)
        return ChainDraws(
            posterior={back.name: back.values(flat) for back in self.back},
            statistics={name: _column(statistics, name)[kept] for name in STATISTICS if name in names},
        )


def _column(batch: Any, name: str) -> Any:
    column = pa.array(batch.column(name))
    flat = column.flatten() if pa.types.is_nested(column.type) else column
    return flat.to_numpy(zero_copy_only=False)
