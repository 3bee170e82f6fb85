"""What the media may do to the result: no variation, moving together, too new, spend and exposure that disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.log import counted, listed
from mmm.data.panel import Panel
from mmm.findings import Finding, Severity

_NEW_WEEKS = 8
_TOGETHER = 0.95
_INFLATION = 10.0
_FLAT = 0.1
_SPIKE = 5.0
_STOPPED_WEEKS = 13

Watch = Callable[[Panel], Iterator[Finding]]


def _warning(name: str, channel: str, says: str, means: str, do: str) -> Finding:
    return Finding(name=name, severity=Severity.WARNING, says=says, means=means, do=do, where=channel)


def _media(panel: Panel) -> list[tuple[str, FloatArray]]:
    """Return (name, national series) of paid and organic media, as the model sees them."""
    paid = zip(panel.channels, panel.exposure.sum(axis=1), strict=True)
    organic = zip(panel.organic_names, panel.organic.sum(axis=1), strict=True)
    return [*paid, *organic]


def _variation(panel: Panel) -> Iterator[Finding]:
    means = "A channel that never changes looks like the baseline: its effect is known from the prior only."
    do = "Vary its spend on purpose, run a lift test, or use geo data."
    for name, series in _media(panel):
        spread = float(np.std(series) / np.mean(series))
        if np.ptp(series) == 0:
            yield _warning("constant_channel", name, f"'{name}' is the same in every week.", means, do)
        elif spread < _FLAT:
            yield _warning(
                "little_variation", name, f"'{name}' varies by {100 * spread:.0f} % around its mean only.", means, do
            )


def _together(panel: Panel) -> Iterator[Finding]:
    """Pairs that correlate, and media that the others explain together (variance inflation)."""
    varying = [(name, series) for name, series in _media(panel) if np.ptp(series) > 0]
    if len(varying) < 2:
        return
    names = [name for name, _ in varying]
    scaled = np.stack([(series - series.mean()) / series.std() for _, series in varying])
    correlation = scaled @ scaled.T / panel.n_weeks
    means = "The data cannot say which of them earned the sales; their sum is known better than each."
    do = "Join them into one channel, move one of them independently, or add a lift test."
    paired: set[str] = set()
    for i, j in zip(*np.triu_indices(len(names), k=1), strict=True):
        if abs(correlation[i, j]) >= _TOGETHER:
            paired |= {names[i], names[j]}
            both = f"{names[i]}, {names[j]}"
            says = f"'{names[i]}' and '{names[j]}' move together (correlation {correlation[i, j]:.2f})."
            yield _warning("collinear_channels", both, says, means, do)
    # The ridge keeps media that sum to another one exactly apart from a division by zero.
    inflation = np.diag(np.linalg.inv(correlation + 1e-9 * np.eye(len(names))))
    for name, factor in zip(names, inflation, strict=True):
        if factor > _INFLATION and name not in paired:
            says = f"The other media together explain '{name}' (variance inflation {factor:.3g})."
            yield _warning("collinear_channels", name, says, means, do)


def _negative(panel: Panel) -> Iterator[Finding]:
    for name, spend in zip(panel.channels, panel.spend, strict=True):
        weeks = panel.weeks[(spend < 0).any(axis=0)]
        if len(weeks):
            yield _warning(
                "negative_spend",
                name,
                f"'{name}' has negative spend of {spend[spend < 0].sum():,.2f} {panel.currency} in "
                f"{counted(len(weeks), 'week')}: {listed(weeks)}.",
                "Credits and refunds stay in every sum of money; the response sees no media in such a week.",
                "Book the credit to the week of the spend it cancels, if you can.",
            )


def _age(panel: Panel) -> Iterator[Finding]:
    for name, series in _media(panel):
        active = np.flatnonzero(series > 0)
        weeks = len(active)
        if weeks and (weeks < _NEW_WEEKS or active[0] > panel.n_weeks - _NEW_WEEKS):
            yield _warning(
                "new_channel",
                name,
                f"'{name}' is active in {counted(weeks, 'week')} only, first on {panel.weeks[active[0]]}.",
                "Its effect will be read from the prior, with a wide interval.",
                "Wait for eight weeks, join it to a like channel, or add a lift test.",
            )
        elif weeks and panel.n_weeks - 1 - active[-1] >= _STOPPED_WEEKS:
            yield Finding(
                name="stopped_channel",
                severity=Severity.NOTE,
                says=f"'{name}' has been dark since {panel.weeks[active[-1]]}.",
                do="A plan by the last weeks will hold no spend for it: say so in the brief if it is to return.",
                where=name,
            )


def _spikes(panel: Panel) -> Iterator[Finding]:
    for name, series in _media(panel):
        active = series[series > 0]
        if len(active) < _NEW_WEEKS:
            continue
        high = _SPIKE * float(np.quantile(active, 0.95))
        weeks = panel.weeks[series > high]
        if len(weeks):
            yield _warning(
                "outliers",
                name,
                f"'{name}' has {counted(len(weeks), 'week')} above five times its usual maximum: {listed(weeks)}.",
                "One week can decide the shape of the response curve.",
                "Check for a missing decimal mark, a lump-sum invoice, or a unit that changed.",
            )


def _spend_against_exposure(panel: Panel) -> Iterator[Finding]:
    for c in np.flatnonzero(panel.exposure_based):
        name, spend, exposure = panel.channels[c], panel.spend[c], panel.exposure[c]
        paid_only = panel.weeks[((spend > 0) & (exposure == 0) & panel.observed).any(axis=0)]
        seen_only = panel.weeks[((spend <= 0) & (exposure > 0) & panel.observed).any(axis=0)]
        if len(paid_only):
            yield _warning(
                "spend_without_exposure",
                name,
                f"'{name}' has spend without exposure in {counted(len(paid_only), 'week')}: {listed(paid_only)}.",
                "Money that bought nothing seen lowers the channel's return.",
                "Check the time shift between invoice and delivery.",
            )
        if len(seen_only):
            yield _warning(
                "exposure_without_spend",
                name,
                f"'{name}' has exposure without spend in {counted(len(seen_only), 'week')}: {listed(seen_only)}.",
                "Sales from free exposure will be credited to the money of other weeks.",
                "Check for invoices booked elsewhere, or name the free part under organic.",
            )


def _scale(panel: Panel) -> Iterator[Finding]:
    totals = np.abs(panel.spend).sum(axis=(1, 2))
    for name, total in zip(panel.channels, totals, strict=True):
        if 0 < total < totals.max() / 2000:
            yield _warning(
                "scale",
                name,
                f"'{name}' has {total:,.2f} {panel.currency} in all, and the largest channel {totals.max():,.0f}.",
                "Its column may be in thousands; if it is not, its effect is too small to be seen.",
                f"Declare data.units for its column if it is in thousands of {panel.currency}, or join it to another.",
            )
    money = float((panel.outcome * panel.value_per_outcome).sum())
    if panel.outcome_is_money and 0 < money < totals.sum():
        yield _warning(
            "spend_above_outcome",
            "",
            f"Spend ({totals.sum():,.0f} {panel.currency}) is more than the outcome is worth ({money:,.0f}).",
            "Either the units differ or the outcome is no money.",
            "Check data.value_per_outcome, data.units, or say data.outcome_is_money: false.",
        )


_WATCHES: tuple[Watch, ...] = (_variation, _together, _negative, _age, _spikes, _spend_against_exposure, _scale)


def media_findings(panel: Panel, file: str) -> list[Finding]:
    """Return warnings about media; ``where`` names the channel, after the file."""
    found = [finding for watch in _WATCHES for finding in watch(panel)]
    return [
        Finding(f.name, f.severity, f.says, f.do, f.means, f"{file}, {f.where}" if f.where else file) for f in found
    ]
