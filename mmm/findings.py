"""A finding: what was noticed, how grave it is, what it means, what to do. Data and fit reports share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is, gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OK = "ok"


_ORDER = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True)
class Finding:
    """One thing noticed about data, a fit, a plan or a scenario.

    Attributes
    ----------
    name : str
        Stable short identifier, e.g. ``constant_channel`` or ``max_rhat``.
    severity : Severity
    says : str
        What was found, a full sentence with the figure and its unit.
    do : str
        The next step, a full sentence.
    means : str
        What it may do to the result; empty where ``says`` already tells it.
    where : str
        File, column or channel it is about; empty where it is about everything.
    """

    name: str
    severity: Severity
    says: str
    do: str
    means: str = ""
    where: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the finding as plain JSON-ready strings."""
        return {key: str(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Alike:
    """Findings of one kind and severity, in their order.

    Attributes
    ----------
    findings : tuple of Finding
        At least one.
    """

    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """How grave they are."""
        return self.findings[0].severity

    @property
    def first(self) -> Finding:
        """The one that stands for all."""
        return self.findings[0]

    @property
    def others(self) -> tuple[Finding, ...]:
        """The rest."""
        return self.findings[1:]


def alike(findings: Iterable[Finding]) -> tuple[Alike, ...]:
    """Gather findings of one kind, gravest first, kinds in the order of their first finding."""
    found: dict[tuple[Severity, str], list[Finding]] = {}
    for one in by_severity(findings):
        found.setdefault((one.severity, one.name), []).append(one)
    return tuple(Alike(tuple(some)) for some in found.values())


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings gravest first, in their own order within a severity."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))
