"""Which columns of a log are read, and what a source may not say where it is a log of events."""

from __future__ import annotations

from dataclasses import dataclass

from mmm.data.events.spec import EventsSpec
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import SpecError

#: Keys of a source that mean nothing in a log.
_FOREIGN = ("preset", "server", "sheet", "metrics", "metric", "value", "currency_column", "only")


@dataclass(frozen=True)
class LogColumns:
    """The columns of a log that are read; no other is.

    Attributes
    ----------
    person, time : str
    channel, geo, kind, consent : str, optional
    sums : tuple of str
        To be added up.
    """

    person: str
    time: str
    channel: str | None
    geo: str | None
    kind: str | None
    consent: str | None
    sums: tuple[str, ...]

    def by_role(self) -> dict[str, str]:
        """Return role → column; the roles are names of SQL."""
        found = {
            "person": self.person,
            "time": self.time,
            "channel": self.channel,
            "geo": self.geo,
            "kind": self.kind,
            "consent": self.consent,
        }
        found |= {f"sum{i}": column for i, column in enumerate(self.sums)}
        return {role: column for role, column in found.items() if column is not None}


def log_columns(source: SourceSpec, events: EventsSpec, date: str, where: str) -> LogColumns:
    """Return the columns that a log needs.

    Parameters
    ----------
    source : SourceSpec
    events : EventsSpec
    date : str
        The model's column of dates, where the source names none.
    where : str
        As in ``sources.web``.

    Raises
    ------
    SpecError
        Keys that a log of events does not take, or the id is used twice.
    """
    given = [key for key in _FOREIGN if getattr(source, key)]
    if given:
        raise SpecError(
            f"a log of events takes no '{given[0]}'",
            where=f"{where}.{given[0]}",
            do="Remove it: what is counted stands under events.metrics, and the log is a file, a folder or a pattern.",
        )
    by_channel = any(metric.by_channel for metric in events.metrics.values())
    if by_channel and not source.is_long and events.privacy is not None and events.privacy.channels:
        raise SpecError(
            "channels are declared, and the log has no column of channels", where=where, do="Name it: 'channel: …'."
        )
    sums = tuple(dict.fromkeys(metric.sum for metric in events.metrics.values() if metric.sum is not None))
    columns = LogColumns(
        person=events.person,
        time=source.date or date,
        channel=source.channel,
        geo=source.geo,
        kind=events.kind,
        consent=None if events.consent is None else events.consent.column,
        sums=sums,
    )
    used = list(columns.by_role().values())
    if columns.person in used[1:]:
        raise SpecError(
            f"the column '{columns.person}' is the person's id and something else too",
            where=f"{where}.events.person",
            do="Name another column for the other use: an id never leaves the log.",
        )
    return columns
