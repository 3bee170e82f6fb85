"""Refits: made once, kept as small files, and reused by the next run that asks for the same one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.exceptions import MixwiseError
from mmm.findings import Severity
from mmm.model.fit import Fit, fit_model
from mmm.model.spec import ModelSpec
from mmm.model.validation.forecast import forecast
from mmm.model.validation.store import load_refit, save_refit
from mmm.response import metrics
from mmm.runs import versions


@dataclass(frozen=True, eq=False)
class Job:
    """One refit to be made.

    Attributes
    ----------
    label : str
        What the progress bar and the page call it.
    spec : ModelSpec
    panel : Panel
    whole : Panel, optional
        The panel whose next weeks are to be forecast from this one's end, with their true media and controls.
    horizon : int
        How many of them.
    money : (C, N), optional
        Steady weekly spend at which each channel's response is wanted.
    """

    label: str
    spec: ModelSpec
    panel: Panel
    whole: Panel | None = None
    horizon: int = 0
    money: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Refit:
    """What is kept of a refit. C channels, S draws.

    Attributes
    ----------
    label : str
    trouble : str
        Why it cannot be used; empty where it can.
    channels : tuple of str
    roas : (C, S)
    spend : (C,)
        Money in the fitted weeks.
    value : float
        Value of all outcomes in the fitted weeks, in the unit of contributions.
    added : (S,)
        Coefficient of the last control, outcome units per week for one standard deviation of it, over all geos; empty
        without controls.
    curves : (C, N)
        Mean weekly response at the spend asked for; empty where none was.
    forecast : (H, S)
        National outcome of the weeks asked for, residual noise included; empty where none were.
    max_rhat, min_ess : float
    divergences : int
    seconds : float
    """

    label: str
    trouble: str = ""
    channels: tuple[str, ...] = ()
    roas: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    spend: FloatArray = field(default_factory=lambda: np.empty(0))
    value: float = 0.0
    added: FloatArray = field(default_factory=lambda: np.empty(0))
    curves: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    forecast: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    max_rhat: float = float("nan")
    min_ess: float = float("nan")
    divergences: int = 0
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether it converged, so that its figures mean something."""
        return not self.trouble

    def share(self, channel: str) -> FloatArray:
        """Return the draws of a channel's share of the outcome's value, (S,)."""
        c = self.channels.index(channel)
        return np.asarray(self.roas[c] * self.spend[c] / self.value, dtype=np.float64)

    def mean_roas(self, channel: str) -> float:
        """Return a channel's mean ROAS."""
        return float(self.roas[self.channels.index(channel)].mean())


class Refitter:
    """Makes refits, or takes them from where an earlier run left them.

    Parameters
    ----------
    seed : int
        Each refit's own seed follows from it and from what is refitted.
    cache : Path, optional
        Folder of finished refits; None: nothing is kept.
    tell : callable, optional
        Called with the label of each refit before it is made, and with "" after it.
    """

    def __init__(self, seed: int, cache: Path | None = None, tell: Callable[[str], None] | None = None) -> None:
        self._seed, self._cache, self._tell = seed, cache, tell
        self._versions = versions()
        self.made: list[Refit] = []
        self.reused = 0

    def __call__(self, job: Job) -> Refit:
        """Return the refit of a job."""
        if self._tell:
            self._tell(job.label)
        key = self._key(job)
        path = self._cache / f"{key}.npz" if self._cache else None
        refit = load_refit(path, job.label) if path else None
        if refit is None:
            refit = _make(job, self._seed_of(key))
            if path:
                save_refit(refit, path)
        else:
            self.reused += 1
        self.made.append(refit)
        if self._tell:
            self._tell("")
        return refit

    def _key(self, job: Job) -> str:
        """Return a hash of all that the refit depends on."""
        digest = hashlib.sha256()
        said = {"seed": self._seed, "versions": self._versions, "spec": job.spec.model_dump(mode="json")}
        digest.update(json.dumps(said, sort_keys=True).encode())
        digest.update(_panel_bytes(job.panel))
        if job.whole is not None:
            digest.update(_panel_bytes(job.whole))
        digest.update(repr(job.horizon).encode())
        if job.money is not None:
            digest.update(np.ascontiguousarray(job.money).tobytes())
        return digest.hexdigest()

    @staticmethod
    def _seed_of(key: str) -> int:
        return int(key[:8], 16) % 2**31


def _panel_bytes(panel: Panel) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(Panel.__dataclass_fields__):
        value = getattr(panel, name)
        if name == "report":
            continue
        digest.update(name.encode())
        if isinstance(value, np.ndarray):
            digest.update(repr(value.shape).encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        else:
            digest.update(repr(value).encode())
    return digest.digest()


def _make(job: Job, seed: int) -> Refit:
    """Fit, and keep what the checks need; a refit that cannot be made says why."""
    try:
        fit = fit_model(job.spec, job.panel, seed=seed, progress=False)
    except MixwiseError as error:
        return Refit(job.label, trouble=str(error))
    return digest_fit(fit, job, np.random.default_rng([seed, 7]))


def digest_fit(fit: Fit, job: Job, rng: np.random.Generator) -> Refit:
    """Return what is kept of a fit."""
    response, found = fit.response, fit.diagnostics
    coef = response.baseline.coef
    return Refit(
        label=job.label,
        trouble=_trouble(fit),
        channels=response.channels,
        roas=fit.roas,
        spend=response.spend.sum(axis=(1, 2)),
        value=float((response.value_per_outcome * response.outcome).sum()),
        added=coef[-1].sum(axis=0) if response.baseline.control_names else np.empty(0),
        curves=_curves(fit, job),
        forecast=forecast(response, job.whole, job.horizon, rng) if job.whole is not None else np.empty((0, 0)),
        max_rhat=found.max_rhat,
        min_ess=min(found.min_ess_bulk, found.min_ess_tail),
        divergences=found.divergences,
        seconds=fit.seconds_total,
    )


def _curves(fit: Fit, job: Job) -> FloatArray:
    if job.money is None:
        return np.empty((0, 0))
    rows = [
        metrics.response_curve(fit.response, name, money).to_numpy().mean(axis=1)
        for name, money in zip(fit.response.channels, job.money, strict=True)
    ]
    return np.array(rows)


def _trouble(fit: Fit) -> str:
    """Say what the sampler failed at, by the thresholds at which ``mixwise fit`` refuses a fit."""
    from mmm.model.diagnostics import judge  # noqa: PLC0415  (loads arviz)

    grave = [finding.says for finding in judge(fit.diagnostics) if finding.severity is Severity.ERROR]
    return " ".join(grave)
