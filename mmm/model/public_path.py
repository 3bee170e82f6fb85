"""Chains through the sampler's public interface: for any model, at the price of a compile for each data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import nutpie
import pymc as pm

from mmm.model.chains import STATISTICS, ChainDraws, ChainJob, Watch


@dataclass(frozen=True, eq=False)
class PublicSampler:
    """A model compiled by the sampler itself; see :class:`mmm.model.chains.Sampler`.

    Attributes
    ----------
    compiled : object
    names : tuple of str
        Variables whose draws are kept: free ones and deterministics.
    """

    compiled: Any
    names: tuple[str, ...]

    @classmethod
    def of(cls, model: pm.Model) -> PublicSampler:
        """Compile a model, its data frozen: the wrappers that are compiled in every process are then small."""
        names = tuple(variable.name for variable in (*model.free_RVs, *model.deterministics))
        return cls(nutpie.compile_pymc_model(model, freeze_model=True), names)

    def start(self, job: ChainJob, watch: Watch | None) -> PublicChain:
        """Start a chain and return at once."""

        def report(chains: Any) -> None:
            if watch is not None:
                watch(job.chain, int(chains[0].finished_draws), int(chains[0].divergences))

        running = nutpie.sample(
            self.compiled,
            draws=job.draws,
            tune=job.tune,
            chains=1,
            cores=1,
            seed=job.seed,
            target_accept=job.target_accept,
            adaptation=job.adaptation.value,
            save_warmup=False,
            progress_bar=False,
            progress_callback=report,
            blocking=False,
        )
        return PublicChain(running, self.names)


@dataclass(frozen=True, eq=False)
class PublicChain:
    """A chain at work; see :class:`mmm.model.chains.RunningChain`."""

    running: Any
    names: tuple[str, ...]

    def finished(self) -> bool:
        """Whether the chain is done."""
        try:
            return bool(self.running.is_finished)
        except TimeoutError:  # how the sampler says "not yet"
            return False

    def stop(self) -> None:
        """End the chain."""
        self.running.cancel()

    def collect(self) -> ChainDraws:
        """Return the draws."""
        tree = self.running.wait()
        posterior, statistics = tree["posterior"].dataset, tree["sample_stats"].dataset
        return ChainDraws(
            posterior={name: np.array(posterior[name].to_numpy()[0]) for name in self.names},
            statistics={name: np.array(statistics[name].to_numpy()[0]) for name in STATISTICS if name in statistics},
        )
