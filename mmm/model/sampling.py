"""Sampling: nutpie with a progress bar; the same seed gives the same draws on the same machine and cache."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import nutpie
import pymc as pm
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from mmm.exceptions import FitError
from mmm.model.spec import Sampling


@dataclass(frozen=True, eq=False)
class Sampled:
    """What the sampler gave.

    Attributes
    ----------
    tree : xarray.DataTree
        Groups ``posterior`` and ``sample_stats``, warm-up left out.
    seconds_compiling, seconds_sampling : float
    """

    tree: Any
    seconds_compiling: float
    seconds_sampling: float


class _Watch:
    """Shows the chains' progress; called from the sampler's own thread."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._lock, self._total = progress, threading.Lock(), total
        self._task = progress.add_task("compiling the model", total=None, says="")

    def __call__(self, chains: Sequence[Any]) -> None:
        done = sum(int(chain.finished_draws) for chain in chains)
        divergences = sum(int(chain.divergences) for chain in chains)
        says = f"{done:,} of {self._total:,} draws, {divergences} divergences"
        with self._lock:
            self._progress.update(self._task, description="sampling", total=self._total, completed=done, says=says)


@contextmanager
def _progress(total: int, *, show: bool) -> Iterator[_Watch | None]:
    if not show:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[says]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Watch(progress, total)


def sample(model: pm.Model, sampling: Sampling, *, seed: int, progress: bool) -> Sampled:
    """Draw from the posterior.

    Parameters
    ----------
    model : pymc.Model
    sampling : Sampling
    seed : int
    progress : bool
        Whether to show a bar on standard error.

    Raises
    ------
    FitError
        No chain found a point to start from.
    KeyboardInterrupt
        After the sampler was stopped; its draws are dropped.
    """
    with _progress(sampling.chains * (sampling.tune + sampling.draws), show=progress) as watch:
        started = time.perf_counter()
        # Data frozen into the graph: the wrappers that nutpie compiles in every process are then small.
        compiled = nutpie.compile_pymc_model(model, freeze_model=True)
        compiling = time.perf_counter() - started
        started = time.perf_counter()
        try:
            running = nutpie.sample(
                compiled,
                draws=sampling.draws,
                tune=sampling.tune,
                chains=sampling.chains,
                cores=sampling.resolved_cores(),
                seed=seed,
                target_accept=sampling.target_accept,
                save_warmup=False,
                progress_bar=False,
                progress_callback=watch,
                blocking=False,
            )
            tree = _wait(running)
        except RuntimeError as error:
            raise FitError(
                f"the sampler could not run ({error})",
                do="Check the data report for extreme values, and the priors stated in model.yaml.",
            ) from error
    return Sampled(tree, compiling, time.perf_counter() - started)


def _wait(running: Any) -> Any:
    """Wait for the sampler; an interrupt stops it and keeps nothing."""
    try:
        return running.wait()
    except KeyboardInterrupt:
        running.cancel()
        raise
