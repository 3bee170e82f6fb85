"""One verdict on a fit, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mmm.findings import Finding, Severity
from mmm.model.health_catalogue import entry
from mmm.reporting.text import join_parts

#: Findings that decide whether the sampler's numbers may be used at all.
CONVERGENCE = ("finite", "max_rhat", "min_ess", "divergences", "bfmi")


class Outcome(StrEnum):
    """Passes: every threshold of convergence is met. Warns: some is not. Fails: do not use."""

    PASSES = "passes"
    WARNS = "warns"
    FAILS = "fails"


@dataclass(frozen=True)
class Verdict:
    """Whether to trust a fit.

    Attributes
    ----------
    outcome : Outcome
        Of the convergence thresholds.
    sentences : tuple of str
        What a reader should know before using it.
    """

    outcome: Outcome
    sentences: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """4 where the fit fails, 0 otherwise."""
        return 4 if self.outcome is Outcome.FAILS else 0


_OPENING = {
    Outcome.PASSES: "The fit passes: the sampler converged, so its figures are what data and priors say together.",
    Outcome.WARNS: "The fit can be read, but the sampler has not fully converged: interval ends may still move.",
    Outcome.FAILS: "Do not use this fit: the sampler did not converge, so its figures mean nothing.",
}


def decide(findings: Sequence[Finding]) -> Verdict:
    """Draw the verdict from all findings."""
    sampler = [finding for finding in findings if finding.name in CONVERGENCE]
    if any(finding.severity is Severity.ERROR for finding in sampler):
        outcome = Outcome.FAILS
    elif any(finding.severity is Severity.WARNING for finding in sampler):
        outcome = Outcome.WARNS
    else:
        outcome = Outcome.PASSES
    sentences = [_OPENING[outcome]]
    sentences += [finding.says for finding in sampler if finding.severity in (Severity.ERROR, Severity.WARNING)]
    rest = [finding for finding in findings if finding.name not in CONVERGENCE]
    grave = [finding for finding in rest if finding.severity in (Severity.ERROR, Severity.WARNING)]
    if outcome is not Outcome.FAILS:
        if grave:
            sentences.append(f"Before money moves on it, look at {_count(len(grave))}: {_titles(grave)}.")
        notes = [finding for finding in rest if finding.severity is Severity.NOTE]
        if notes:
            sentences.append(f"Less weighty: {_titles(notes)}.")
        sentences.append(
            "It is a model of what moved together in this history. Where a decision is large, confirm it by experiment."
        )
    return Verdict(outcome, tuple(sentences))


def _titles(findings: Sequence[Finding]) -> str:
    """Name findings by what was checked, and of what."""
    told = [f"{entry(f.name).title}{f' ({f.where})' if f.where else ''}" for f in findings]
    return join_parts(list(dict.fromkeys(told)), limit=12)


def _count(number: int) -> str:
    return "one thing" if number == 1 else f"{number} things"
