"""Sampling: the chains of a fit, those kept from an interrupted run among them, as one posterior."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pymc as pm
import xarray as xr
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from mmm.model.chains import Adaptation, ChainDraws, ChainJob, Watch, chain_seed, run_chains
from mmm.model.compiled import Route, compile_model
from mmm.model.spec import Sampling

#: Parameters up to which the sampler learns how they move together: at 200 it took eight times the time of a diagonal.
LOW_RANK_MOST = 150


@dataclass(frozen=True, eq=False)
class Sampled:
    """What the sampler gave.

    Attributes
    ----------
    tree : xarray.DataTree
        Groups ``posterior`` and ``sample_stats``, warm-up left out.
    seconds_compiling, seconds_sampling : float
    route : Route or None
        How the model reached the sampler; None if every chain was kept from an interrupted run.
    why : str
        One sentence on the route.
    resumed : int
        Chains kept from an interrupted run.
    """

    tree: xr.DataTree
    seconds_compiling: float
    seconds_sampling: float
    route: Route | None
    why: str
    resumed: int


class ChainStore(Protocol):
    """Where finished chains are kept until the fit is written."""

    def load(self) -> dict[int, ChainDraws]:
        """Return the chains kept by an interrupted run of the same fit."""

    def keep(self, chain: int, draws: ChainDraws) -> None:
        """Keep a finished chain."""


class _Bar:
    """Shows all chains' progress on one bar; called from the sampler's own threads."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._lock = progress, total, threading.Lock()
        self._chains: dict[int, tuple[int, int]] = {}
        self._task = progress.add_task("compiling the model", total=None, says="")

    def __call__(self, chain: int, draws: int, divergences: int) -> None:
        with self._lock:
            self._chains[chain] = (draws, divergences)
            done, diverged = (sum(figures) for figures in zip(*self._chains.values(), strict=True))
            says = f"{done:,} of {self._total:,} draws, {diverged} divergences"
            self._progress.update(self._task, description="sampling", total=self._total, completed=done, says=says)


@contextmanager
def _progress(total: int, *, show: bool) -> Iterator[Watch | None]:
    if not show:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[says]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Bar(progress, total)


def sample(
    model: pm.Model,
    sampling: Sampling,
    *,
    seed: int,
    progress: bool,
    store: ChainStore | None = None,
    adaptation: Adaptation | None = None,
) -> Sampled:
    """Draw from the posterior, each chain with a seed of its own.

    Parameters
    ----------
    model : pymc.Model
    sampling : Sampling
    seed : int
    progress : bool
        Whether to show a bar on standard error.
    store : ChainStore, optional
        Chains found there are not sampled again, and every chain is kept there as it finishes.
    adaptation : Adaptation, optional
        Default: see :func:`default_adaptation`.

    Raises
    ------
    FitError
        A chain found no point to start from.
    KeyboardInterrupt
        After the sampler was stopped; chains that were done are in ``store``.
    """
    shape = adaptation or default_adaptation(model)
    jobs = [
        ChainJob(chain, chain_seed(seed, chain), sampling.tune, sampling.draws, sampling.target_accept, shape)
        for chain in range(sampling.chains)
    ]
    done = {} if store is None else {k: draws for k, draws in store.load().items() if k < sampling.chains}
    resumed = len(done)

    def keep(chain: int, draws: ChainDraws) -> None:
        if store is not None:
            store.keep(chain, draws)
        done[chain] = draws

    missing = [job for job in jobs if job.chain not in done]
    started = compiled_at = time.perf_counter()
    route, why = None, "Every chain was kept from an interrupted run."
    if missing:
        with _progress(len(missing) * (sampling.tune + sampling.draws), show=progress) as watch:
            compiled = compile_model(model)
            route, why, compiled_at = compiled.route, compiled.why, time.perf_counter()
            run_chains(compiled.sampler, missing, cores=sampling.resolved_cores(), watch=watch, keep=keep)
    tree = as_tree(model, [done[chain] for chain in range(sampling.chains)])
    return Sampled(tree, compiled_at - started, time.perf_counter() - compiled_at, route, why, resumed)


def default_adaptation(model: pm.Model) -> Adaptation:
    """Return low rank for a small model of several geos, else diagonal.

    Low rank finds how carryover, half-saturation and ROAS move together, which in few geos is worth several times the
    draws. Its own cost grows faster than the square of the number of parameters, and with more of them than a window of
    warm-up has draws it learns directions that are not there.
    """
    geos = model.coords.get("geo") or ()
    return Adaptation.LOW_RANK if len(geos) > 1 and _size(model) <= LOW_RANK_MOST else Adaptation.DIAGONAL


def _size(model: pm.Model) -> int:
    """Return the number of values that the sampler moves, as far as dims tell."""
    dims = model.named_vars_to_dims
    shapes = ([len(model.coords[dim] or ()) for dim in dims.get(v.name) or ()] for v in model.free_RVs)
    return sum(math.prod(shape) for shape in shapes)


def as_tree(model: pm.Model, chains: list[ChainDraws]) -> xr.DataTree:
    """Return chains as a tree with groups ``posterior`` and ``sample_stats`` on the model's dims and coordinates."""
    drawn = {"chain": np.arange(len(chains)), "draw": np.arange(len(chains[0].statistics["energy"]))}
    dims = model.named_vars_to_dims
    variables: dict[str, Any] = {}
    for name, first in chains[0].posterior.items():
        own = tuple(dims.get(name) or (f"{name}_{axis}" for axis in range(first.ndim - 1)))
        variables[name] = (("chain", "draw", *own), np.stack([chain.posterior[name] for chain in chains]))
    used = {dim for where, _ in variables.values() for dim in where}
    coords = {name: list(values) for name, values in model.coords.items() if name in used and values is not None}
    statistics = {
        name: (("chain", "draw"), np.stack([chain.statistics[name] for chain in chains]))
        for name in chains[0].statistics
    }
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(variables, coords=drawn | coords),
            "sample_stats": xr.Dataset(statistics, coords=drawn),
        }
    )
