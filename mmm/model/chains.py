"""One job per chain: each with a seed of its own, so that no chain's draws depend on which others ran beside it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mmm.arrays import FloatArray
from mmm.exceptions import FitError

#: Seconds between two looks at the running chains.
_LOOK = 0.005
#: What is kept of the sampler's own figures, one a draw.
STATISTICS = ("diverging", "energy", "logp", "n_steps", "step_size", "depth")


class Adaptation(StrEnum):
    """How the sampler learns the posterior's shape while it warms up."""

    DIAGONAL = "diag"
    LOW_RANK = "low_rank"


@dataclass(frozen=True)
class ChainJob:
    """What one chain is asked for; the same job gives the same draws.

    Attributes
    ----------
    chain, seed : int
        Place among the chains, from 0; and the chain's own seed.
    tune, draws : int
    target_accept : float
    adaptation : Adaptation
    """

    chain: int
    seed: int
    tune: int
    draws: int
    target_accept: float
    adaptation: Adaptation


@dataclass(frozen=True, eq=False)
class ChainDraws:
    """One finished chain, warm-up left out.

    Attributes
    ----------
    posterior : Mapping
        Free variable → draws in the variable's own units, (draws, …).
    statistics : Mapping
        Of :data:`STATISTICS` → (draws,).
    """

    posterior: Mapping[str, FloatArray]
    statistics: Mapping[str, NDArray[Any]]


class RunningChain(Protocol):
    """A chain at work in the sampler's own threads."""

    def finished(self) -> bool:
        """Whether there is something to collect: draws or a failure."""

    def collect(self) -> ChainDraws:
        """Return the draws; RuntimeError if the chain failed."""

    def stop(self) -> None:
        """End the chain; its draws are dropped."""


#: Called from the sampler's threads with (chain, finished draws, divergences).
Watch = Callable[[int, int, int], None]


class Sampler(Protocol):
    """A compiled model."""

    def start(self, job: ChainJob, watch: Watch | None) -> RunningChain:
        """Start a chain and return at once."""


def chain_seed(seed: int, chain: int) -> int:
    """Return the seed of one chain of a fit (Salmon et al. 2011, through NumPy's ``SeedSequence``)."""
    return int(np.random.SeedSequence([seed, chain]).generate_state(1, np.uint64)[0])


def run_chains(
    sampler: Sampler,
    jobs: Iterable[ChainJob],
    *,
    cores: int,
    watch: Watch | None,
    keep: Callable[[int, ChainDraws], None],
) -> None:
    """Run the jobs, ``cores`` at a time, and hand over each chain as soon as it is done.

    Raises
    ------
    FitError
        A chain found no point to start from.
    KeyboardInterrupt
        After the running chains were stopped; those that finished before were handed over.
    """
    waiting = deque(jobs)
    running: dict[int, RunningChain] = {}
    try:
        while waiting or running:
            while waiting and len(running) < cores:
                job = waiting.popleft()
                running[job.chain] = sampler.start(job, watch)
            for chain in [number for number, at_work in running.items() if at_work.finished()]:
                keep(chain, running.pop(chain).collect())
            if running:
                time.sleep(_LOOK)
    except RuntimeError as error:
        raise FitError(
            f"the sampler could not run ({error})",
            do="Check the data report for extreme values, and the priors stated in model.yaml.",
        ) from error
    finally:
        for left in running.values():
            left.stop()
