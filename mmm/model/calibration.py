"""What experiments changed: each test against what data and priors say without any of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.prepared import Prepared
from mmm.reporting.numbers import significant

#: Standard deviations between a test and the rest of the evidence beyond which they contradict each other.
APART = 2.5


@dataclass(frozen=True)
class Calibration:
    """One experiment beside the model, in outcome units.

    Attributes
    ----------
    name, channel : str
    lift, standard_error : float
        As measured.
    without, without_sd : float
        What the model fitted without any experiment predicts for the test's own spend pattern: posterior mean and sd.
    fitted, fitted_sd : float
        What the fit that was calibrated with all experiments predicts.
    """

    name: str
    channel: str
    lift: float
    standard_error: float
    without: float
    without_sd: float
    fitted: float
    fitted_sd: float

    @property
    def apart(self) -> float:
        """Test minus the uncalibrated prediction, in standard deviations of their difference."""
        return (self.lift - self.without) / float(np.hypot(self.standard_error, self.without_sd))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields JSON-ready."""
        return asdict(self)


def uncalibrated(prepared: Prepared) -> Prepared:
    """Return a prepared panel without its experiments."""
    none = prepared.tests
    names = ("medium", "media", "base", "weight", "lift", "standard_error")
    cut = replace(none, **{name: getattr(none, name)[:0] for name in names})
    return replace(prepared, tests=cut)


def calibrations(prepared: Prepared, fitted: FloatArray, without: FloatArray) -> tuple[Calibration, ...]:
    """Compare every experiment with the model.

    Parameters
    ----------
    prepared : Prepared
    fitted, without : (S, J)
        Predicted lift by draw, scaled, with and without the experiments in the fit.
    """
    unit = prepared.tests.unit
    return tuple(
        Calibration(
            name=test.name,
            channel=test.channel,
            lift=test.lift,
            standard_error=test.standard_error,
            without=float(without[:, j].mean()) * unit,
            without_sd=float(without[:, j].std()) * unit,
            fitted=float(fitted[:, j].mean()) * unit,
            fitted_sd=float(fitted[:, j].std()) * unit,
        )
        for j, test in enumerate(prepared.panel.lift_tests)
    )


def check_calibration(found: tuple[Calibration, ...], unit: str) -> tuple[Finding, ...]:
    """Judge every experiment: does it contradict the data, and was the fit able to follow it?"""
    return tuple(_judge(one, unit) for one in found)


def _judge(one: Calibration, unit: str) -> Finding:
    says = (
        f"The test '{one.name}' of {one.channel} found {significant(one.lift)} {unit} "
        f"(± {significant(one.standard_error)}); data and priors alone say {significant(one.without)} "
        f"(± {significant(one.without_sd)}), {abs(one.apart):.1f} standard deviations apart."
    )
    if abs(one.apart) > APART:
        return Finding(
            "lift_test_conflict",
            Severity.WARNING,
            says,
            "Check the test first (dates, geos, sign, standard error, what else changed then), then the model (a "
            "missing control, spend that follows demand). Keep it if the test was sound: it is the better evidence.",
            means=(
                f"One of the two is wrong. The fit now predicts {significant(one.fitted)}, a compromise, and its "
                "intervals take both for granted."
            ),
            where=one.channel,
        )
    return Finding(
        "lift_test",
        Severity.OK,
        says + f" The calibrated fit says {significant(one.fitted)} (± {significant(one.fitted_sd)}).",
        "Nothing to do: test and data agree.",
        where=one.channel,
    )
