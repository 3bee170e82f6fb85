"""Is there enough to learn from? Weeks on and off, how far a medium moves, and how much of its movement is its own."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from mmm.data.panel import Panel
from mmm.data.watch_base import calendar_columns, national_media
from mmm.data.watch_season import NEARLY_ALL, calendar_shares
from mmm.data.watch_together import INFLATION, Together
from mmm.findings import Finding, Severity

#: Coefficient of variation below which a medium hardly varies; the fit's check has the same limit.
STILL = 0.10
#: Least week over the mean above which a medium that varies less than twice that was never near off.
NEVER_OFF = 0.5
#: Share of its movement below which next to nothing of it is a medium's own.
OWN = 0.10
#: Weeks on from which a medium has been tried.
FEW_WEEKS = 8
_WARN = Severity.WARNING


@dataclass(frozen=True)
class Learning:
    """What the panel can teach of one medium.

    Attributes
    ----------
    name : str
    weeks_on, weeks_off : int
    variation : float
        Standard deviation over mean, of national weeks.
    lowest, highest : float
        Week over the mean week.
    calendar : float
        Share of its variance that season and trend explain; NaN under a year of weeks.
    inflation : float
        Variance inflation among the media; infinite where it never changes.
    own : float
        Share of its national variance that neither calendar nor the other media explain; NaN where it cannot be told.
    """

    name: str
    weeks_on: int
    weeks_off: int
    variation: float
    lowest: float
    highest: float
    calendar: float
    inflation: float
    own: float

    @property
    def verdict(self) -> str:
        """Say in a few words what can be learned."""
        if self.variation < STILL:
            return "next to nothing: it hardly varies"
        if self.weeks_on < FEW_WEEKS:
            return "little: it hardly ran"
        if self.inflation > INFLATION:
            return "its sum with others"
        if self.calendar >= NEARLY_ALL or self.own < OWN:
            return "little that is its own"
        if self.weeks_off == 0 and self.lowest > NEVER_OFF and self.variation < 2 * STILL:
            return "the upper part of its curve"
        return "enough"


def learning(panel: Panel, moves: Together) -> tuple[Learning, ...]:
    """Return what the panel can teach of each paid and organic medium."""
    media = national_media(panel)
    seasonal = calendar_shares(panel)
    inflation = dict(zip(moves.names, moves.inflation.tolist(), strict=True))
    owned = _own(panel)
    found = []
    for name, series in media:
        mean = max(float(np.mean(series)), 1e-300)
        found.append(
            Learning(
                name=name,
                weeks_on=int((series > 0).sum()),
                weeks_off=int((series <= 0).sum()),
                variation=float(np.std(series)) / mean,
                lowest=float(series.min()) / mean,
                highest=float(series.max()) / mean,
                calendar=seasonal.get(name, float("nan")),
                inflation=inflation.get(name, float("inf")),
                own=owned.get(name, float("nan")),
            )
        )
    return tuple(found)


def _own(panel: Panel) -> dict[str, float]:
    """Return medium → share of its variance that calendar and other media leave, adjusted for their number."""
    media = [(name, series) for name, series in national_media(panel) if np.ptp(series) > 0]
    calendar = calendar_columns(panel.weeks)
    freedom = panel.n_weeks - calendar.shape[1] - len(media) + 1
    if freedom < FEW_WEEKS:
        return {}
    found = {}
    for name, series in media:
        others = [other / np.abs(other).max() for key, other in media if key != name]
        columns = np.column_stack([calendar, *others])
        rest = series - columns @ np.linalg.lstsq(columns, series)[0]
        found[name] = float(min(1.0, rest @ rest / freedom / np.var(series, ddof=1)))
    return found


def learning_findings(media: tuple[Learning, ...], told: AbstractSet[str]) -> Iterator[Finding]:
    """Yield what cannot be learned well.

    Parameters
    ----------
    media : tuple of Learning
    told : set of str
        Media of which it is said already that others, or the calendar, explain them.
    """
    means = "A channel that never changes looks like the baseline: its effect is known from the prior only."
    do = "Vary its spend on purpose, run a lift test, or use geo data."
    for one in media:
        if one.highest == one.lowest:
            says = f"'{one.name}' is the same in every week."
            yield Finding("constant_channel", _WARN, says, do, means=means, where=one.name)
        elif one.variation < STILL:
            says = f"'{one.name}' varies by {100 * one.variation:.0f} % around its mean only."
            yield Finding("little_variation", _WARN, says, do, means=means, where=one.name)
        elif one.weeks_off == 0 and one.lowest > NEVER_OFF and one.variation < 2 * STILL:
            yield Finding(
                "narrow_range",
                Severity.NOTE,
                f"'{one.name}' is never below {100 * one.lowest:.0f} % of its mean week, and varies by "
                f"{100 * one.variation:.0f} % around it.",
                "Halve it, or switch it off, for a few weeks in one region or season; or add a lift test.",
                means="The first half of its response curve, and so its return, rests on the curve's form.",
                where=one.name,
            )
        elif one.own < OWN and one.name not in told:
            yield Finding(
                "little_of_its_own",
                _WARN,
                f"Season, trend and the other media together explain {100 * (1 - one.own):.0f} % of how "
                f"'{one.name}' moves.",
                "Move it against the season and against the others for some weeks, or run a lift test.",
                means="Its effect is learned from the small rest: what else sells is credited to it.",
                where=one.name,
            )
