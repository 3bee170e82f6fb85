"""What a fit's own checks warned of: plans and scenarios that build on it repeat it."""

from __future__ import annotations

import json

from mmm.exceptions import DataError
from mmm.findings import Finding, Severity, by_severity
from mmm.runs import Run

SUMMARY = "summary.json"


def fit_findings(fit: Run) -> tuple[Finding, ...]:
    """Return a fit's errors and warnings, gravest first; none where the run holds no summary.

    Raises
    ------
    DataError
        The fit's summary is damaged.
    """
    path = fit.folder / SUMMARY
    if not path.is_file():
        return ()
    try:
        checks = json.loads(path.read_text(encoding="utf-8")).get("checks", [])
        found = [
            Finding(
                str(check["name"]),
                Severity(check["severity"]),
                f"The fit: {check['says']}",
                str(check.get("do", "")),
                means=str(check.get("means", "")),
            )
            for check in checks
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError("the fit's checks cannot be read", where=str(path), do="Run 'mixwise fit' again.") from error
    return by_severity(one for one in found if one.severity in (Severity.ERROR, Severity.WARNING))
