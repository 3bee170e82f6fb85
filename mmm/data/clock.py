"""The time of day in a time stamp, and the day that it is in another zone."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from mmm.data.privacy import safe
from mmm.exceptions import SpecError

#: A time, and its zone, behind a date.
TIME = r"(?:[T ]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")
_IN_HEADER = re.compile(r"(?<![a-z])(?:utc|gmt)\s*(?P<offset>[+-]\s*\d{1,2}(?::?\d{2})?)?(?![a-z\d])", re.IGNORECASE)
_WIDEST = timedelta(hours=14)


@dataclass(frozen=True)
class Clock:
    """The time of day of one stamp.

    Attributes
    ----------
    time : time
        To the second.
    offset : timedelta or None
        From UTC; None where no zone is named.
    """

    time: time
    offset: timedelta | None

    @property
    def is_midnight(self) -> bool:
        """Whether the stamp says no more than a day."""
        return self.time == time()

    def day_in(self, day: date, zone: zoneinfo.ZoneInfo) -> date:
        """Return the day that it is in a zone; ``day`` is the one that is written."""
        stamp = datetime.combine(day, self.time, timezone(self.offset or timedelta(0)))
        return stamp.astimezone(zone).date()


def read_clock(written: str, zone: str | None) -> Clock | None:
    """Read ``9:05``, ``09:05:00.250`` with the zone behind it; None where there is no such time or zone.

    Parameters
    ----------
    written : str
        As :data:`TIME` finds it.
    zone : str or None
        ``Z``, ``UTC``, ``GMT``, or an offset such as ``+05:30``.
    """
    hour, minute, second, *_ = (int(part) for part in [*re.split("[.,]", written)[0].split(":"), "0"])
    offset = None if zone is None else offset_of(zone)
    if hour > 23 or minute > 59 or second > 59 or (zone is not None and offset is None):
        return None
    return Clock(time(hour, minute, second), offset)


def offset_of(zone: str) -> timedelta | None:
    """Return how far a zone is from UTC; None where no zone is."""
    if zone.upper() in ("Z", "UTC", "GMT"):
        return timedelta(0)
    found = _OFFSET.fullmatch(zone.replace(" ", ""))
    if found is None or int(found["minutes"] or 0) > 59:
        return None
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return None if offset > _WIDEST else -offset if found["sign"] == "-" else offset


def offset_in(header: str) -> timedelta | None:
    """Return the zone that a column's name tells, as in ``Timestamp (UTC)`` and ``Time (GMT+7)``."""
    found = _IN_HEADER.search(header)
    return None if found is None else offset_of(found["offset"] or "UTC")


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """Return a declared zone.

    Raises
    ------
    SpecError
        It is not known.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SpecError(
            f"the time zone '{safe(name)}' is not known", where="data.time_zone", do="Name one such as Europe/Berlin."
        ) from error
