"""Run the long checks of a fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mmm.findings import Finding, Severity, by_severity
from mmm.model.fit import Fit
from mmm.model.validation import backtest, confounder, demand, placebo, prior, refresh
from mmm.model.validation.base import Base
from mmm.model.validation.refits import Job, Refit, Refitter
from mmm.model.validation.settings import Check, Settings


class Result(Protocol):
    """What a check gives."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it found."""

    def as_dict(self) -> dict[str, Any]:
        """Return its figures JSON-ready."""


@dataclass(frozen=True)
class _Steps:
    """A check's two functions: how many refits, and the check itself."""

    count: Callable[[Base], int]
    run: Callable[[Base, Callable[[Job], Refit]], Result]


_CHECKS: dict[Check, _Steps] = {
    Check.BACKTEST: _Steps(backtest.count, backtest.run),
    Check.PLACEBO: _Steps(placebo.count, placebo.run),
    Check.REFRESH: _Steps(refresh.count, refresh.run),
    Check.CONFOUNDER: _Steps(confounder.count, confounder.run),
    Check.DEMAND: _Steps(demand.count, demand.run),
    Check.PRIOR: _Steps(prior.count, prior.run),
}


@dataclass(frozen=True, eq=False)
class Validation:
    """What the long checks found of a fit.

    Attributes
    ----------
    fit : Fit
    settings : Settings
    seed : int
    results : dict of Check to Result
    refits : tuple of Refit
    reused : int
        Refits that an earlier, interrupted or smaller run had left.
    """

    fit: Fit
    settings: Settings
    seed: int
    results: dict[Check, Result]
    refits: tuple[Refit, ...]
    reused: int

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What every check found, gravest first."""
        return by_severity([_converged(self.refits), *(f for one in self.results.values() for f in one.findings)])

    @property
    def failed(self) -> bool:
        """Whether a check failed gravely: an ERROR among the findings."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        grave = sum(finding.severity is Severity.ERROR for finding in self.findings)
        warned = sum(finding.severity is Severity.WARNING for finding in self.findings)
        notes = sum(finding.severity is Severity.NOTE for finding in self.findings)
        beside = f", with {_things(notes)} to know" if notes else ""
        if grave:
            return f"Do not decide on this fit yet: {_things(grave)} failed gravely, {_things(warned)} to look at."
        if warned:
            return f"The fit can be used with care: {_things(warned)} to look at first{beside}."
        return f"The fit stands up to every check that was run{beside}."

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``validation.json``."""
        return {
            "says": self.sentence,
            "findings": [{k: v for k, v in finding.as_dict().items() if v} for finding in self.findings],
            "checks": {str(check): result.as_dict() for check, result in self.results.items()},
            "refits": [
                {
                    "label": one.label,
                    "converged": one.usable,
                    **({"trouble": one.trouble} if one.trouble else {}),
                    "max_rhat": _finite(one.max_rhat),
                    "min_ess": _finite(one.min_ess),
                    "divergences": one.divergences,
                    "seconds": round(one.seconds, 2),
                }
                for one in self.refits
            ],
            "reused": self.reused,
            "seed": self.seed,
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _things(number: int) -> str:
    return "one thing" if number == 1 else f"{number} things"


def _converged(refits: Sequence[Refit]) -> Finding:
    bad = [one for one in refits if not one.usable]
    if not bad:
        return Finding("refits", Severity.OK, f"All {len(refits)} refits converged.", "Nothing to do.")
    named = "; ".join(f"{one.label} ({one.trouble})" for one in bad[:3])
    return Finding(
        "refits",
        Severity.ERROR if len(bad) > len(refits) / 2 else Severity.WARNING,
        f"{len(bad)} of {len(refits)} refits could not be used and are left out: {named}"
        f"{f'; and {len(bad) - 3} more' if len(bad) > 3 else ''}.",
        "Sample longer (sampling: {tune: 2000, draws: 2000}) and fit again, then validate again.",
        means="The checks rest on the others; a model that cannot be refitted to a little less data is fragile.",
    )


def validate(
    fit: Fit,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
    *,
    only: Sequence[Check] = tuple(Check),
    seed: int | None = None,
    cache: Path | None = None,
    progress: bool = True,
) -> Validation:
    """Run the long checks of a fit: each refits the model to changed data and compares.

    Parameters
    ----------
    fit : Fit
    settings : Settings
    only : sequence of Check
        Which checks; all by default.
    seed : int, optional
        The fit's by default. The same seed finds the refits that an earlier run left in ``cache``.
    cache : Path, optional
        Folder in which finished refits are kept.
    progress : bool
        Whether to show a bar on standard error.

    Returns
    -------
    Validation

    Raises
    ------
    KeyboardInterrupt
        Refits that were finished are in the cache.
    """
    base = Base(fit, settings)
    seed = fit.seed if seed is None else seed
    steps = {check: _CHECKS[check] for check in Check if check in only}
    sizes = {check: one.count(base) for check, one in steps.items()}
    with _bar(sum(sizes.values()), show=progress) as tell:
        refitter = Refitter(seed, cache, tell.label)
        results: dict[Check, Result] = {}
        for check, one in steps.items():
            results[check] = one.run(base, refitter)
            tell.finish(sizes[check])
    return Validation(fit, settings, seed, results, tuple(refitter.made), refitter.reused)


class _Tell:
    """Moves the bar; a check that needed fewer refits than it might have gives the rest back."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total) if progress else None
        self._done = self._before = 0

    def label(self, text: str) -> None:
        """Name the refit that begins; "" when it ends."""
        if not text:
            self._done += 1
        if self._progress is not None and self._task is not None:
            if text:
                self._progress.update(self._task, description=text)
            else:
                self._progress.advance(self._task)

    def finish(self, planned: int) -> None:
        """Count a whole check as done."""
        self._before += planned
        self._done = self._before
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self._done)


@contextmanager
def _bar(total: int, *, show: bool) -> Iterator[_Tell]:
    if not show:
        yield _Tell(None, total)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Tell(progress, total)
