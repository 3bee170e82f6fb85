"""The panel that a fit was made of, from what its folder holds: no data file is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.data.panel import Panel
from mmm.data.spec import Level

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def panel_of(fit: Fit) -> Panel:
    """Return the panel that was fitted.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    Panel
        As :func:`mmm.read_panel` gave it, without the columns that the fit left out.
    """
    response, channels = fit.response, fit.spec.channels
    names = response.channels
    return Panel(
        weeks=response.weeks,
        geos=response.geos,
        outcome=response.outcome,
        value_per_outcome=response.value_per_outcome,
        outcome_is_money=response.outcome_is_money,
        outcome_name=response.outcome_name,
        currency=response.currency,
        channels=names,
        spend=response.spend,
        exposure=response.paid.media,
        exposure_based=np.array([channels[name].seen is not None for name in names], dtype=np.bool_),
        organic_names=response.organic.names,
        organic=response.organic.media,
        control_names=response.baseline.control_names,
        controls=response.baseline.controls,
        population=response.population,
        report=fit.data_report,
        source_hash=fit.source_hash,
        observed=response.observed,
        national_channels=tuple(name for name in names if channels[name].level is Level.NATIONAL),
        lift_tests=tuple(getattr(fit, "lift_tests", ())),
    )
