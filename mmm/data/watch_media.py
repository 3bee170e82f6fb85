"""What the media may do to the result: refunds, too new, single weeks far above, spend and exposure that disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mmm.data.log import counted, listed
from mmm.data.panel import Panel
from mmm.data.watch_base import national_media
from mmm.findings import Finding, Severity

_NEW_WEEKS = 8
_YOUNG_WEEKS = 13
_SPIKE = 5.0
_STOPPED_WEEKS = 13

Watch = Callable[[Panel], Iterator[Finding]]


def _warning(name: str, channel: str, says: str, means: str, do: str) -> Finding:
    return Finding(name=name, severity=Severity.WARNING, says=says, means=means, do=do, where=channel)


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
    for name, series in national_media(panel):
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
        elif weeks and active[0] > max(0, panel.n_weeks - _YOUNG_WEEKS):
            yield Finding(
                name="young_channel",
                severity=Severity.NOTE,
                says=f"'{name}' began on {panel.weeks[active[0]]}: {counted(weeks, 'week')} with it.",
                means="Whatever else happened in those weeks is credited to it; its interval will be wide.",
                do="Trust its figures after two or three quarters, or add a lift test.",
                where=name,
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
    for name, series in national_media(panel):
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


_WATCHES: tuple[Watch, ...] = (_negative, _age, _spikes, _spend_against_exposure, _scale)


def media_findings(panel: Panel) -> list[Finding]:
    """Return warnings about media; ``where`` names the channel."""
    return [finding for watch in _WATCHES for finding in watch(panel)]
