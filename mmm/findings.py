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


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings gravest first, in their own order within a severity."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))
