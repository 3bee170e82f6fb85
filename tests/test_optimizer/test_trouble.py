"""Numerical trouble is data: what the search had to make do with is said, and the certificate stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.solve import allocate
from optimizer.solvers.conic import ConicSet, Step
from tests.test_optimizer.responses import problem, response


def test_steps_by_a_simpler_model_are_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = problem(response())
    plain = allocate(made)
    assert not [finding for finding in plain.findings if finding.name == "numerical_trouble"]
    asked = []
    true_step = ConicSet.step

    def unwilling(self: ConicSet, *given: object) -> Step:
        asked.append(given)
        found = true_step(self, *given)  # type: ignore[arg-type]
        # Every first answer to a question is refused, as after a solve that ended far from its tolerance.
        return replace(found, usable=False) if len(asked) % 2 else found

    monkeypatch.setattr(ConicSet, "step", unwilling)
    found = allocate(made)
    said = [finding for finding in found.findings if finding.name == "numerical_trouble"]
    assert len(said) == 1
    assert "simpler model" in said[0].says
    assert found.upper_bound >= plain.value * (1 - 1e-9)
    assert found.value <= plain.upper_bound * (1 + 1e-9)
