"""Wider priors."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.model.resolve import resolve_priors
from mmm.model.validation import prior
from mmm.model.validation.base import Base
from mmm.model.validation.prior import WiderPriors, widened


def test_every_roas_prior_is_twice_as_wide_about_the_same_median(base: Base) -> None:
    share = base.panel.spend.sum(axis=(1, 2)) / base.panel.outcome.sum()
    found = resolve_priors(widened(base), share, outcome_is_money=True)
    np.testing.assert_allclose(found.roas_mu, base.fit.priors.roas_mu)
    np.testing.assert_allclose(found.roas_sigma, 2.0 * base.fit.priors.roas_sigma)
    np.testing.assert_allclose(found.half_sigma, base.fit.priors.half_sigma)
    assert prior.count(base) == 1


def test_channels_that_move_are_named() -> None:
    found = WiderPriors(("tv", "search"), np.full((2, 5), 2.0), np.array([[2.1] * 5, [3.0] * 5]))
    np.testing.assert_allclose(found.change, [0.05, 0.5])
    (finding,) = found.findings
    assert (finding.severity, finding.where) == ("note", "search")
    assert "search (+50%)" in finding.says
    assert WiderPriors(("tv",), np.ones((1, 5)), np.ones((1, 5))).findings[0].severity == "ok"
    assert found.as_dict()["search"]["change"] == pytest.approx(0.5)
