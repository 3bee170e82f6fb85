"""Money of rows that were set aside while they were read: by channel, and in the panel's currency."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mmm.data.joining.account import channel_of
from mmm.data.joining.names import Channels, SeriesNames
from mmm.data.joining.rates import RatesFile, worth_on
from mmm.data.log import ReadingLog
from mmm.data.report import SourceAccount
from mmm.data.sources.facts import Aside, Facts
from mmm.data.spec import PanelSpec


@dataclass(frozen=True)
class AsideMoney:
    """Money of one entry of the ledger that was listed while a source was read.

    Attributes
    ----------
    source, where, reason : str
    known : dict
        Channel, or the outcome's column → money in the panel's currency.
    other : dict
        Metric, as read → money that belongs to no channel, or has no rate.
    """

    source: str
    where: str
    reason: str
    known: dict[str, float] = field(default_factory=dict)
    other: dict[str, float] = field(default_factory=dict)


def money_aside(
    facts: Sequence[Facts], names: SeriesNames, spec: PanelSpec, rates: RatesFile
) -> tuple[AsideMoney, ...]:
    """Return the money of every entry that was listed while sources were read.

    Parameters
    ----------
    facts : sequence of Facts
    names : SeriesNames
    spec : PanelSpec
    rates : RatesFile
    """
    channels = Channels(spec, names)
    return tuple(
        _money(one.source, aside, channels, names, spec, rates)
        for one in sorted(facts, key=lambda one: one.source)
        for aside in one.aside
    )


def _money(
    source: str, aside: Aside, channels: Channels, names: SeriesNames, spec: PanelSpec, rates: RatesFile
) -> AsideMoney:
    keys = channel_of(names)
    known: dict[str, list[float]] = {}
    other: dict[str, list[float]] = {}
    table = aside.table.filter(pc.and_(pc.is_valid(aside.table["currency"]), pc.is_valid(aside.table["value"])))
    for label, metric, code, own in _groups(table):
        if label is None:
            n = names.wide(metric)
        else:
            match = channels.find(label, [metric])
            n = names.long(match.target, metric) if match.target else None
        values = own["value"].to_numpy()
        worth = worth_on(code, own["first_day"].to_numpy().astype("datetime64[D]"), source, rates, spec)
        key = None if n is None else keys[n]
        if key is not None and worth is not None and not np.isnan(worth).any():
            known.setdefault(key, []).extend((values * worth).tolist())
        else:
            told = metric if code == spec.currency else f"{metric} ({code})"
            other.setdefault(f"{told} (as read)", []).extend(values.tolist())
    return AsideMoney(
        source,
        aside.where,
        aside.reason,
        {key: math.fsum(values) for key, values in known.items()},
        {key: math.fsum(values) for key, values in other.items()},
    )


def _groups(table: pa.Table) -> list[tuple[str | None, str, str, pa.Table]]:
    """Return (label, metric, currency) and the lines of each, in order."""
    by = ["label", "metric", "currency"]
    found = []
    for key in table.group_by(by, use_threads=False).aggregate([]).to_pylist():
        own = pc.and_(pc.equal(table["metric"], key["metric"]), pc.equal(table["currency"], key["currency"]))
        label = pc.is_null(table["label"]) if key["label"] is None else pc.equal(table["label"], key["label"])
        lines = table.filter(pc.and_(own, pc.fill_null(label, False)))  # noqa: FBT003
        found.append((key["label"], key["metric"], key["currency"], lines))
    return found


def rewrite_listed(log: ReadingLog, money: Sequence[AsideMoney]) -> None:
    """Write what was listed while sources were read with its money by channel; what has none keeps its own names."""
    left: dict[tuple[str, str], list[AsideMoney]] = {}
    for one in money:
        left.setdefault((one.where, one.reason), []).append(one)
    for i, item in enumerate(log.excluded):
        same = left.get((item.where, item.reason))
        if same:
            one = same.pop(0)
            log.excluded[i] = replace(item, spend=one.known | one.other)
        elif item.spend:
            log.excluded[i] = replace(item, spend={f"{name} (as read)": sum_ for name, sum_ in item.spend.items()})


def with_aside(accounts: Sequence[SourceAccount], money: Sequence[AsideMoney]) -> tuple[SourceAccount, ...]:
    """Return the sources' accounts with the money that was set aside while they were read."""
    return tuple(_with(account, [one for one in money if one.source == account.source]) for account in accounts)


def _with(account: SourceAccount, money: Sequence[AsideMoney]) -> SourceAccount:
    more: dict[str, list[float]] = {}
    for one in money:
        for key, amount in one.known.items():
            more.setdefault(key, []).append(amount)

    def added(before: Mapping[str, float]) -> dict[str, float]:
        return {key: math.fsum([before.get(key, 0.0), *more.get(key, [])]) for key in dict.fromkeys((*before, *more))}

    return replace(
        account,
        money_in=added(account.money_in),
        money_used=dict.fromkeys(more, 0.0) | dict(account.money_used),
        money_excluded=added(account.money_excluded),
    )
