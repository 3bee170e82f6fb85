"""A source's name of a channel or campaign → the model's, and with the metric → the series that a figure belongs to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

import numpy as np

from mmm.arrays import BoolArray
from mmm.data.columns import Role, roles
from mmm.data.joining.look_alikes import look_key, look_letters, plain_key
from mmm.data.joining.spec import JoinSpec
from mmm.data.reading import name_key
from mmm.data.sources.spec import SPEND
from mmm.data.spec import Level, PanelSpec
from mmm.exceptions import SpecError

#: What a long source may call the quantity that a channel is modelled on, beside the end of its column's name.
_SEEN = ("exposure", "volume")


class How(StrEnum):
    """How a source's name was found."""

    SAME = "same"
    DECLARED = "declared"
    CASE = "case"
    LOOKS = "looks"
    CAMPAIGN = "campaign"
    IGNORED = "ignored"
    MERGED = "merged"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Match:
    """What a name stands for.

    Attributes
    ----------
    how : How
    target : str
        The model's name; empty where there is none.
    """

    how: How
    target: str = ""


@dataclass(frozen=True)
class SeriesNames:
    """The numeric columns of the model file, and how figures of sources find them.

    Attributes
    ----------
    all : tuple of (Role, name, column)
    """

    all: tuple[tuple[Role, str, str], ...]
    _by_key: dict[str, int] = field(default_factory=dict)
    _by_look: dict[str, int] = field(default_factory=dict)
    _channel: dict[tuple[str, Role], int] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: PanelSpec) -> SeriesNames:
        """List the series of a model file."""
        found = cls(tuple(roles(spec)))
        for i, (role, name, column) in enumerate(found.all):
            found._by_key[name_key(column)] = i
            found._channel[name_key(name), role] = i
        for key in (look_key, plain_key):  # the closer form wins
            for i, (_, _, column) in enumerate(found.all):
                found._by_look[key(column)] = i
        return found

    def wide(self, metric: str) -> int | None:
        """Return the number of the series of this name."""
        return self._by_key.get(name_key(metric), self._by_look.get(look_key(metric)))

    def long(self, target: str, metric: str) -> int | None:
        """Return the number of the series ``<target>_<metric>``, or of what the channel is paid or modelled by."""
        joined = self.wide(f"{target}_{metric}")
        if joined is not None:
            return joined
        if name_key(metric) == SPEND:
            return self._channel.get((name_key(target), Role.SPEND))
        if name_key(metric) in _SEEN:
            return self._channel.get((name_key(target), Role.EXPOSURE))
        return None


class Channels:
    """Finds what the names in a source's channel column stand for.

    Parameters
    ----------
    spec : PanelSpec
    series : SeriesNames
    """

    def __init__(self, spec: PanelSpec, series: SeriesNames) -> None:
        self.join: JoinSpec = spec.join
        self.series = series
        self.names = tuple(spec.channels)
        self._declared = {name_key(name): target for name, target in spec.join.channels.items()}
        declared = tuple(spec.join.channels)
        self._alike = tuple(
            (how, key, {form: self._declared[name_key(name)] for form, name in _unambiguous(declared, key).items()})
            for how, key in ((How.CASE, plain_key), (How.LOOKS, look_key))
        )
        self._exact = {name_key(name): name for name in self.names}
        self._plain = _unambiguous(self.names, plain_key)
        self._looks = _unambiguous(self.names, look_key)

    def find(self, label: str, metrics: Sequence[str]) -> Match:
        """Return what a name stands for.

        ``join.channels`` is asked first, then ``join.ignore``, the model's own names, names that look like those of
        ``join.channels``, and the patterns of ``join.campaigns``.

        Parameters
        ----------
        label : str
        metrics : sequence of str
            With which the source gives it.
        """
        declared = self._declared.get(name_key(label))
        if declared is not None:
            return Match(How.DECLARED, self._known(declared, metrics, f"join.channels.{label}"))
        if any(fits(label, pattern) for pattern in self.join.ignore):
            return Match(How.IGNORED)
        if name_key(label) in self._exact:
            same = self._exact[name_key(label)]
            return Match(How.SAME if same == label else How.CASE, same)
        for how, key, table in ((How.CASE, plain_key, self._plain), (How.LOOKS, look_key, self._looks)):
            if key(label) in table:
                return Match(how, table[key(label)])
        for how, key, table in self._alike:
            if key(label) in table:
                return Match(how, self._known(table[key(label)], metrics, f"join.channels, for {label}"))
        if any(self.series.long(label, metric) is not None for metric in metrics):
            return Match(How.SAME, label)
        for pattern, target in self.join.campaigns.items():
            if fits(label, pattern):
                return Match(How.CAMPAIGN, self._known(target, metrics, f"join.campaigns.{pattern}"))
        for pattern, target in self.join.campaigns.items():
            if fits(look_letters(label), look_letters(pattern)):
                return Match(How.LOOKS, self._known(target, metrics, f"join.campaigns.{pattern}"))
        return Match(How.UNKNOWN)

    def final(self, label: str, metrics: Sequence[str]) -> Match:
        """Return what a name of an event log stands for: the log's names were mapped before people were counted.

        What a name was mapped to is not mapped again; names that are set aside or asked about were left as they are.
        """
        if any(fits(label, pattern) for pattern in self.join.ignore):
            return Match(How.IGNORED)
        for key, table in ((name_key, self._exact), (plain_key, self._plain), (look_key, self._looks)):
            if key(label) in table:
                return Match(How.SAME, table[key(label)])
        known = any(self.series.long(label, metric) is not None for metric in metrics)
        return Match(How.SAME, label) if known else Match(How.UNKNOWN)

    def columns_of(self, target: str, metrics: Sequence[str]) -> tuple[str, tuple[int | None, ...]]:
        """Return what two names share that the table adds up: the channel, or else the series of each metric."""
        own = self._exact.get(name_key(target), "")
        return own, () if own else tuple(self.series.long(target, metric) for metric in metrics)

    def _known(self, target: str, metrics: Sequence[str], where: str) -> str:
        """Return a declared target in the model's spelling; refuse one that the model does not know."""
        if name_key(target) in self._exact:
            return self._exact[name_key(target)]
        if any(self.series.long(target, metric) is not None for metric in metrics):
            return target
        close = self.nearest(target)
        raise SpecError(
            f"'{target}' is neither a channel of the model file nor the beginning of a column that it uses",
            where=where,
            do=f"Name one of: {', '.join(self.names)}." + (f" Did you mean '{close}'?" if close else ""),
        )

    def nearest(self, label: str) -> str | None:
        """Return the model's channel whose name is nearest, or that stands within the label."""
        keys = {look_key(name): name for name in self.names}
        within = [name for key, name in keys.items() if key and key in look_key(label)]
        if within:
            return max(within, key=len)
        close = difflib.get_close_matches(look_key(label), keys, n=1, cutoff=0.5)
        return keys[close[0]] if close else None


def fits(label: str, pattern: str) -> bool:
    """Say whether a name fits a pattern (``Brand *``), whatever their case; brackets (``[PL] Brand``) are letters."""
    return fnmatchcase(name_key(label), name_key(pattern).replace("[", "[[]"))


def _unambiguous(names: Sequence[str], key: Callable[[str], str]) -> dict[str, str]:
    """Return key → name, without keys that two names share."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(key(name), []).append(name)
    return {form: same[0] for form, same in found.items() if len(same) == 1}


def are_counted(sources: Sequence[str], spec: PanelSpec) -> BoolArray:
    """Say which sources are event logs, (S,): people were counted under the model's names, which are final."""
    found = (spec.sources.get(name) for name in sources)
    return np.asarray([one is not None and one.events is not None for one in found], dtype=np.bool_)


def is_national(names: SeriesNames, spec: PanelSpec) -> BoolArray:
    """Say which series are of channels that run only nationally, (N,)."""
    national = {name for name, channel in spec.channels.items() if channel.level is Level.NATIONAL}
    found = [name in national and role in (Role.SPEND, Role.EXPOSURE) for role, name, _ in names.all]
    return np.asarray(found, dtype=np.bool_)
