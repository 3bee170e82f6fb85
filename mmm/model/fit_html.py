"""A fit as a notebook shows it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def fit_text(fit: Fit) -> str:
    """Return a fit in one line; nothing is worked out for it."""
    response = fit.response
    geos = f"{len(response.geos)} geos, " if len(response.geos) > 1 else ""
    media = ", ".join((*response.channels, *response.organic.names))
    return (
        f"Fit({response.outcome_name!r}: {geos}{response.n_weeks} weeks from {response.weeks[0]}; {media}; "
        f"{response.n_draws} draws, {fit.form} form, seed {fit.seed})"
    )


def fit_html(fit: Fit) -> str:
    """Return the verdict and ROAS by channel."""
    response = fit.response
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{figures.mean():.2f}</td>"
        f"<td>{np.quantile(figures, 0.05):.2f} to {np.quantile(figures, 0.95):.2f}</td></tr>"
        for name, figures in zip(response.channels, fit.roas, strict=True)
    )
    geos = f"{len(response.geos)} geos, " if len(response.geos) > 1 else ""
    return (
        f"<p><b>Fit</b> of {html.escape(response.outcome_name)}, {geos}{response.n_weeks} weeks, "
        f"{len(response.channels)} channels. {html.escape(fit.verdict.sentences[0])}</p>"
        f"<table><tr><th>channel</th><th>ROAS</th><th>90% interval</th></tr>{rows}</table>"
    )
