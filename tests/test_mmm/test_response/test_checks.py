"""A fit's warnings reach those who build on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmm.exceptions import DataError
from mmm.findings import Severity
from mmm.response.checks import fit_findings
from mmm.runs import Manifest, Run, open_run, staged_run

CHECKS = [
    {"name": "r2", "severity": "ok", "says": "Good.", "do": "Nothing to do."},
    {"name": "few", "severity": "warning", "says": "Few weeks.", "do": "Bring more.", "means": "Priors decide."},
    {"name": "max_rhat", "severity": "error", "says": "The chains differ.", "do": "Sample longer."},
]


def fit(folder: Path, summary: str | None) -> Run:
    with staged_run(folder / "fit", Manifest("fit")) as staging:
        if summary is not None:
            (staging / "summary.json").write_text(summary, encoding="utf-8")
    return open_run(folder / "fit", command="fit")


def test_errors_and_warnings_gravest_first(tmp_path: Path) -> None:
    found = fit_findings(fit(tmp_path, json.dumps({"checks": CHECKS})))
    assert [(one.name, one.severity) for one in found] == [("max_rhat", Severity.ERROR), ("few", Severity.WARNING)]
    assert found[0].says == "The fit: The chains differ."
    assert (found[1].do, found[1].means) == ("Bring more.", "Priors decide.")


def test_a_run_without_a_summary_has_none(tmp_path: Path) -> None:
    assert fit_findings(fit(tmp_path, None)) == ()


@pytest.mark.parametrize("text", ["{", "[]", '{"checks": [{"severity": "warning"}]}', '{"checks": 3}'])
def test_a_damaged_summary_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="checks cannot be read"):
        fit_findings(fit(tmp_path, text))
