"""The health list holds every check, says its threshold, and docs/health.md holds them all."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np

from mmm.findings import Finding, Severity
from mmm.model.checks import check_size
from mmm.model.fit import Fit
from mmm.model.fit_page import fit_page
from mmm.model.health import attention, evidence
from mmm.model.health_catalogue import CATALOGUE, Group, entry
from mmm.model.health_page import checklist
from mmm.model.verdict import decide
from mmm.reporting import render

#: Checks that speak only where there is something to say of: geos, experiments, columns left out.
SOMETIMES = {"geo_residuals", "lift_test_conflict", "zero_channel", "zero_organic", "constant_control"}
DOCS = Path(__file__).parents[3] / "docs" / "health.md"


def test_a_sound_fit_runs_every_check_and_warns_of_nothing(fit: Fit) -> None:
    found = {finding.name for finding in fit.findings}
    assert found >= set(CATALOGUE) - SOMETIMES
    assert attention(fit.findings) == ()
    assert {check["name"] for check in fit.summary()["checks"]} == found


def test_every_finding_says_what_it_found_and_what_to_do(fit: Fit) -> None:
    assert all(finding.says.endswith(".") and finding.do.endswith(".") for finding in fit.findings)


def test_the_page_lists_each_check_with_its_threshold(fit: Fit) -> None:
    text = html.unescape(render(fit_page(fit, data_file="weekly.csv")))
    for finding in fit.findings:
        known = entry(finding.name)
        assert known.title in text
        assert known.threshold in text


def test_groups_come_gravest_first_and_what_passed_is_folded() -> None:
    findings = [
        Finding("max_rhat", Severity.OK, "Fine.", "Nothing."),
        Finding("tell_apart", Severity.WARNING, "Tied.", "Move them."),
        Finding("spend_variation", Severity.NOTE, "Still.", "Vary it."),
        Finding("something_new", Severity.OK, "Fine.", "Nothing."),
    ]
    block = checklist(findings)
    assert [group.title for group in block.ordered] == [Group.APART, Group.HISTORY, Group.SAMPLER, Group.OTHER]
    assert [check.finding.says for check in block.ordered[0].raised] == ["Tied."]
    assert [check.title for check in block.ordered[3].passed] == ["something new"]


def test_the_verdict_names_what_to_look_at(fit: Fit) -> None:
    tied = Finding("tell_apart", Severity.WARNING, "Tied.", "Move them.", where="tv, search")
    sentences = decide([*fit.findings, tied]).sentences
    assert "Before money moves on it, look at one thing: channels from each other (tv, search)." in sentences


def test_docs_list_every_check_with_its_threshold_and_source() -> None:
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    for name, known in CATALOGUE.items():
        assert f"`{name}`" in text, name
        assert known.threshold in text, name
        assert known.source in text, name


def test_sizes_count_observations() -> None:
    assert check_size(20, 10).severity is Severity.WARNING
    assert check_size(40, 10).severity is Severity.NOTE
    assert check_size(2000, 100).severity is Severity.OK


def test_evidence_is_shared_and_consistent(fit: Fit) -> None:
    shared = evidence(fit)
    assert evidence(fit) is shared
    np.testing.assert_allclose(shared.residual, fit.predictive.residual, atol=0.02 * fit.predictive.residual.std())
    assert [one.name for one in shared.sensitivities] == ["tv", "search", "total"]
