"""Several fits of the same data side by side: how well each says a week that it did not see, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm.exceptions import FitError
from mmm.model.health import evidence
from mmm.model.stack import stacking_weights

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def compare_fits(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """Compare fits by leave-one-out.

    Parameters
    ----------
    fits : Mapping
        Name → fit; all of the same outcome in the same geo-weeks.

    Returns
    -------
    DataFrame
        One row a fit, best first: ``elpd_loo`` (the larger, the better it predicts), ``se``, ``difference`` from the
        best and its standard error ``se_difference``, ``effective_parameters``, ``largest_pareto_k``, ``weight``
        (stacking), and ``roas:<channel>`` (medians; missing where a fit has no such channel). A difference under two or
        three of its standard errors, or under 4, says nothing.

    Raises
    ------
    FitError
        The fits are not of the same observations.

    Notes
    -----
    Vehtari, Gelman & Gabry (2017), Statistics and Computing 27; stacking: :mod:`mmm.model.stack`. Leave-one-out judges
    the prediction of the outcome, not of ROAS: fits that predict alike may differ in what they credit to whom.
    """
    if not fits:
        raise ValueError("there is no fit to compare")
    first = next(iter(fits.values())).response
    for name, fit in fits.items():
        same = np.array_equal(fit.response.outcome, first.outcome) and np.array_equal(
            fit.response.observed, first.observed
        )
        if not same:
            raise FitError(
                f"the fit '{name}' is of other observations than the first",
                do="Compare fits of the same outcome in the same weeks and geos.",
            )
    found = {name: evidence(fit).loo for name, fit in fits.items()}
    scores = np.array([loo.elpd for loo in found.values()])
    weights = stacking_weights(scores)
    best = int(scores.sum(axis=1).argmax())
    rows = []
    for k, (name, loo) in enumerate(found.items()):
        gap = scores[k] - scores[best]
        fit = fits[name]
        rows.append(
            {
                "fit": name,
                "elpd_loo": loo.total,
                "se": loo.standard_error,
                "difference": float(gap.sum()),
                "se_difference": float(np.sqrt(gap.size * gap.var())),
                "effective_parameters": loo.effective,
                "largest_pareto_k": float(np.nanmax(loo.pareto_k)),
                "weight": float(weights[k]),
                **{
                    f"roas:{channel}": float(np.median(draws))
                    for channel, draws in zip(fit.response.channels, fit.roas, strict=True)
                },
            }
        )
    return pd.DataFrame(rows).set_index("fit").sort_values("elpd_loo", ascending=False)
