"""Dials of research that make the journeys show asked figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mmm.exceptions import SpecError
from simulations.market.journeys.figures import Figures
from simulations.market.journeys.spec import Research, Targets

#: Rounds over the dials, each of which shifts the others' figures a little.
_ROUNDS = 8
_HALVINGS = 12
#: How far a share may stay from what was asked; of few journeys, by one and a half of them.
_NEAR = 0.006


@dataclass(frozen=True)
class Dial:
    """One dial and the figure that it raises.

    Attributes
    ----------
    name : str
        Of the field of :class:`Research`.
    low, high : float
        Range of the dial.
    asked : float
        Share that the figure shall have.
    found, among : callable
        The figure's share, and the number of journeys of which it is one.
    says : str
        The figure in words.
    """

    name: str
    low: float
    high: float
    asked: float
    found: Callable[[Figures], float]
    among: Callable[[Figures], int]
    says: str

    def near(self, figures: Figures) -> bool:
        """Return whether the figure is as near as the number of journeys lets it be."""
        among = self.among(figures)
        return among > 0 and abs(self.found(figures) - self.asked) <= max(_NEAR, 1.5 / among)


def calibrated(figures: Callable[[Research], Figures], start: Research, targets: Targets) -> Research:
    """Turn the dials until the journeys show the figures.

    Parameters
    ----------
    figures : callable
        Dials → figures, from fixed draws, so that each figure rises with its dial.
    start : Research
        Dials without a target keep their value.
    targets : Targets

    Raises
    ------
    SpecError
        The market's own contacts, or its journeys' longest length, do not let a figure be reached.
    """
    dials = list(_dials(targets))
    research = start
    for _ in range(_ROUNDS):
        before = research
        for dial in dials:
            research = _turned(figures, research, dial)
        found = figures(research)
        if all(dial.near(found) for dial in dials):
            return research
        if research == before:
            break
    found = figures(research)
    empty = [dial for dial in dials if dial.among(found) == 0]
    if empty:
        raise SpecError(
            f"{empty[0].says} is unknown: none of the people followed has such a journey",
            where="journeys.targets",
            do="Follow more people.",
        )
    worst = max(dials, key=lambda dial: abs(dial.found(found) - dial.asked))
    raise SpecError(
        f"{worst.says} cannot be {worst.asked:.0%}: these people come to {worst.found(found):.1%}",
        where="journeys.targets",
        do="Change the target, the lookback, the devices, the number of people, or the market's media.",
    )


def _turned(figures: Callable[[Research], Figures], research: Research, dial: Dial) -> Research:
    low, high = dial.low, dial.high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        found = dial.found(figures(research.model_copy(update={dial.name: middle})))
        # Without any such journey the figure is unknown: more visits make some.
        if not found >= dial.asked:
            low = middle
        else:
            high = middle
    return research.model_copy(update={dial.name: 0.5 * (low + high)})


def _purchases(figures: Figures) -> int:
    return len(figures.touches)


def _several(figures: Figures) -> int:
    return len(figures.sessions)


def _dials(targets: Targets) -> Iterator[Dial]:
    if targets.two_touches is not None:
        says = "the share of purchases with at least two touches"
        yield Dial("share", 0.0, 1.0, targets.two_touches, lambda found: found.two_touches, _purchases, says)
    if targets.sessions is not None:
        sessions = targets.sessions
        says = f"the share of multi-device journeys with at least {sessions.at_least:g} sessions"
        yield Dial("visits", 0.0, 10.0, sessions.share, lambda found: found.sessions_share(sessions), _several, says)
    if targets.days is not None:
        days = targets.days
        says = f"the share of multi-device journeys of at least {days.at_least:g} days"
        yield Dial("days", 0.05, 120.0, days.share, lambda found: found.days_share(days), _several, says)
