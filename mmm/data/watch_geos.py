"""What the geos of a panel may do to the result: nothing to scale them by, media alike in all, constant controls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.log import counted, listed
from mmm.data.panel import Panel
from mmm.findings import Finding, Severity

#: Spend per head whose differences between geos are below this share of its mean says nothing that weeks do not.
_ALIKE = 0.1
_SAME = 1e-6
_UNEVEN = 50.0


def sizes(panel: Panel) -> FloatArray:
    """Return what geos are compared by, (G,): people, or the mean outcome of an observed week."""
    if panel.has_population:
        return panel.population
    return np.abs(panel.outcome).sum(axis=1) / np.maximum(panel.observed.sum(axis=1), 1)


def _no_population(panel: Panel, file: str) -> Iterator[Finding]:
    if not panel.has_population:
        yield Finding(
            name="no_population",
            severity=Severity.NOTE,
            says="No population is given, so the geos are compared by their mean outcome.",
            means="A geo that sells more per head is then taken for a larger one, and its media for spread thinner.",
            do="Give data.population if the people of each geo are known.",
            where=file,
        )


def _uneven(panel: Panel, file: str) -> Iterator[Finding]:
    """Outcome per head that differs beyond what places do: a population in thousands, or of another place."""
    if not panel.has_population:
        return
    weeks = np.maximum(panel.observed.sum(axis=1), 1)
    head = np.abs(panel.outcome).sum(axis=1) / weeks / panel.population
    low, high = int(head.argmin()), int(head.argmax())
    if head[high] > _UNEVEN * head[low]:
        yield Finding(
            name="uneven_geos",
            severity=Severity.WARNING,
            says=f"The outcome per head is {head[high] / head[low]:,.0f} times as high in '{panel.geos[high]}' as in "
            f"'{panel.geos[low]}'.",
            means="The geos are compared per head: such a geo looks like another kind of market, and pulls the others.",
            do="Check the population of both, and whether the outcome of each has the same unit.",
            where=file,
        )


def _repeated(spend: FloatArray, panel: Panel) -> bool:
    """Say whether every geo has the same figure in every week although it changes between weeks."""
    high = np.where(panel.observed, spend, -np.inf).max(axis=0)
    low = np.where(panel.observed, spend, np.inf).min(axis=0)
    size = np.maximum(np.abs(high), np.abs(low))
    return bool((high - low <= _SAME * size).all() and np.ptp(high) > 0)


def _alike(panel: Panel, file: str) -> Iterator[Finding]:
    size = sizes(panel)[:, None]
    weights = np.where(panel.observed, size, 0.0)
    for name, spend in zip(panel.channels, panel.spend, strict=True):
        if name in panel.national_channels:
            continue
        where = f"{file}, {name}"
        if _repeated(spend, panel):
            yield Finding(
                name="repeated_in_every_geo",
                severity=Severity.WARNING,
                says=f"The spend of '{name}' is the same in every geo in each week "
                f"({spend.sum():,.2f} {panel.currency} over all of them).",
                means=f"If it is the national figure repeated, it is counted {len(panel.geos)} times, and the ROAS is "
                "too low by as much.",
                do=f"Compare the total with the ledger; if it is repeated, write level: national for '{name}'.",
                where=where,
            )
            continue
        people = weights.sum(axis=0)
        mean = np.where(panel.observed, spend, 0.0).sum(axis=0) / people
        apart = (weights * np.abs(spend / size - mean)).sum() / max(float((people * np.abs(mean)).sum()), 1e-300)
        if apart < _ALIKE:
            per = "head" if panel.has_population else "unit of outcome"
            yield Finding(
                name="alike_in_every_geo",
                severity=Severity.NOTE,
                says=f"The spend of '{name}' per {per} differs by {100 * apart:.1f} % between the geos of a week.",
                means="Geo data add little to what is known of it: it is learned from the weeks, as in national data.",
                do="Vary it between geos on purpose, or run a lift test in some of them; "
                "if it runs only nationally, write level: national.",
                where=where,
            )


def _constant_controls(panel: Panel, file: str) -> Iterator[Finding]:
    for name, values in zip(panel.control_names, panel.controls, strict=True):
        constant = [geo for geo, series in zip(panel.geos, values, strict=True) if np.ptp(series) == 0]
        if constant:
            yield Finding(
                name="constant_control_in_geo",
                severity=Severity.NOTE,
                says=f"The control '{name}' never changes in {counted(len(constant), 'geo')}: {listed(constant, 5)}.",
                means="Its effect in these geos is taken from the other geos.",
                do="Check whether the figure is missing there.",
                where=f"{file}, column {name}",
            )


def geo_findings(panel: Panel, file: str) -> list[Finding]:
    """Return what a person needs to know of a panel with more than one geo."""
    return [found for watch in (_no_population, _uneven, _alike, _constant_controls) for found in watch(panel, file)]
