r"""Media that move together: pairs, and groups of which one is the sum of the others.

A group is read from the correlation matrix R of the media as the model sees them. Each small eigenvalue
:math:`\lambda_k` is a mix of media that hardly moves; a medium belongs to it by the share of its variance inflation
:math:`v_{jk}^2 / \lambda_k \big/ \sum_l v_{jl}^2 / \lambda_l` that comes from there (variance-decomposition
proportions: Belsley, Kuh & Welsch, 1980, *Regression Diagnostics*, ch. 3). The condition number is
:math:`\sqrt{\lambda_{\max} / \lambda_{\min}}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.data.watch_base import national_media
from mmm.data.watch_geos import sizes
from mmm.findings import Finding, Severity
from mmm.reporting.text import isolate, join_names

#: Correlation from which a pair cannot be told apart.
TOGETHER = 0.95
#: Variance inflation from which the others explain a medium.
INFLATION = 10.0
#: Share of its variance inflation from which a medium belongs to a group.
_BELONGS = 0.3
#: Keeps media that sum to another one exactly apart from a division by zero.
_RIDGE = 1e-9

_MEANS = "The data cannot say which of them earned the sales; their sum is known better than each."
_DO = "Join them into one channel, move one of them independently, or add a lift test."


@dataclass(frozen=True, eq=False)
class Together:
    """How the media that vary move with each other.

    Attributes
    ----------
    names : tuple of str
        M media.
    correlation : (M, M)
    inflation : (M,)
        Variance inflation: 1 / (1 − R²) of the regression on the others.
    condition : float
        Largest condition index; 1 where nothing moves together.
    """

    names: tuple[str, ...]
    correlation: FloatArray
    inflation: FloatArray
    condition: float


def _series(panel: Panel) -> list[tuple[str, FloatArray]]:
    """Return media, (N,) each: national weeks, or a geo's weeks per head less their mean, since geos teach too."""
    if len(panel.geos) == 1:
        return national_media(panel)
    head = sizes(panel)[:, None]
    weeks = np.maximum(panel.observed.sum(axis=1, keepdims=True), 1)
    found = []
    for name, values in zip(
        (*panel.channels, *panel.organic_names), np.concatenate([panel.exposure, panel.organic]), strict=True
    ):
        each = np.where(panel.observed, values / head, 0.0)
        found.append((name, (each - each.sum(axis=1, keepdims=True) / weeks)[panel.observed]))
    return found


def together(panel: Panel) -> Together:
    """Return how the media move with each other; media that never change are left out."""
    varying = [(name, series) for name, series in _series(panel) if np.ptp(series) > 1e-9 * np.abs(series).max()]
    names = tuple(name for name, _ in varying)
    if not names:
        return Together((), np.zeros((0, 0)), np.zeros(0), 1.0)
    scaled = np.stack([(series - series.mean()) / series.std() for _, series in varying])
    correlation = np.clip(scaled @ scaled.T / scaled.shape[1], -1.0, 1.0)
    values = np.linalg.eigvalsh(correlation + _RIDGE * np.eye(len(names)))
    inflation = np.diag(np.linalg.inv(correlation + _RIDGE * np.eye(len(names))))
    return Together(names, correlation, inflation, float(np.sqrt(values[-1] / max(values[0], _RIDGE))))


def pairs_joined(found: Together) -> list[list[int]]:
    """Return groups of media that pairs above :data:`TOGETHER` join, largest first."""
    left = set(range(len(found.names)))
    groups = []
    while left:
        reached = {min(left)}
        while True:
            near = {int(j) for i in reached for j in np.flatnonzero(np.abs(found.correlation[i]) >= TOGETHER)}
            if near <= reached:
                break
            reached |= near
        left -= reached
        groups.append(sorted(reached))
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


def sums_of_others(found: Together, but: set[int]) -> list[list[int]]:
    """Return groups of media of which each is nearly a mix of the rest, without the media in ``but``."""
    values, vectors = np.linalg.eigh(found.correlation + _RIDGE * np.eye(len(found.names)))
    shares = vectors**2 / np.maximum(values, _RIDGE)
    shares /= shares.sum(axis=1, keepdims=True)
    high = set(np.flatnonzero(found.inflation > INFLATION).tolist()) - but
    groups: list[list[int]] = []
    for k in range(len(values)):
        members = [int(j) for j in np.flatnonzero(shares[:, k] >= _BELONGS)]
        if high & set(members):
            groups.append(members)
            high -= set(members)
    return [*groups, *([j] for j in sorted(high))]


def _warning(names: tuple[str, ...], says: str) -> Finding:
    return Finding("collinear_channels", Severity.WARNING, says, _DO, means=_MEANS, where=", ".join(names))


def together_findings(panel: Panel, found: Together) -> Iterator[Finding]:
    """Yield one warning a group of media that move together; ``where`` names its members."""
    told: set[int] = set()
    for group in pairs_joined(found):
        told |= set(group)
        names = tuple(found.names[i] for i in group)
        size = np.abs(found.correlation[np.ix_(group, group)])[np.triu_indices(len(group), k=1)]
        if len(group) == 2:
            r = found.correlation[group[0], group[1]]
            yield _warning(names, f"'{names[0]}' and '{names[1]}' move together (correlation {r:.2f}).")
            continue
        every = set(panel.channels) <= set(names)
        says = f"{join_names(names, 12)} move together (correlations {size.min():.2f} to {size.max():.2f})"
        more = ": every week's budget is divided in the same way, and no channel ever moves alone." if every else "."
        yield _warning(names, says + more)
    for group in sums_of_others(found, told):
        names = tuple(found.names[i] for i in group)
        factor = float(found.inflation[group].max())
        if len(group) == 1:
            yield _warning(names, f"The other media together explain '{names[0]}' (variance inflation {factor:.3g}).")
            continue
        listed = join_names(names, 12)
        yield _warning(
            names,
            f"{listed} move together as a group: the others nearly give {isolate(names[0])} (variance inflation up to "
            f"{factor:.3g}, condition number {found.condition:.3g}).",
        )
