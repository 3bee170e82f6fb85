r"""What a patch works on: one course of events over the horizon, and the setting it stands in.

How a future becomes an outcome, draw by draw, with :math:`x_{ct}` its ``spend``:

.. math::

    \text{wanted}_t = \text{demand}_t \left( \text{base}_t \, b_t(\text{controls}, \text{season})
        + \sum_c f_{ct}\!\left( x_c / \text{cost}_c \right) \right) , \qquad
    \text{sold} = \text{supply}(\text{wanted}) ,

where b is what sells without paid media (organic media included) and f the effect of paid media, carry-in included.
Five fields are met by another response, so that nothing else need know of them; each helper returns what it was given
where the field is neutral:

* ``launched``: :func:`simulations.launches.aligned` adds a row a borrowed channel to response, calendar and futures;
* ``season``: :func:`simulations.season.with_season` turns the yearly waves of baseline and demand index;
* ``parts``: :func:`simulations.rollouts.weighted` is the response of a part of the market; results add up over parts;
* ``supply_cap``, ``backlog``: :func:`simulations.supply.delivered` turns what is wanted into what is sold;
* ``price``: :func:`simulations.pricing.value_factor` and :func:`~simulations.pricing.margin_at` say what an outcome
  unit is then worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import WEEK, BaselineRule, SpendCalendar, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import last_year

#: The first and last week of a range, both included: numbers from 1, or dates.
WeekRange = tuple[int, int] | tuple[date, date]


@dataclass(frozen=True)
class Launch:
    """A channel that the fit does not have, on terms borrowed from one that it has.

    Attributes
    ----------
    name : str
    like : str
        The paid channel of the fit whose response is borrowed, draw by draw.
    size : float
        The new channel's audience over the other's: its response at spend x is ``size`` times the other's at
        ``x / size``.
    uncertainty : float
        Standard deviation of the logarithm of a factor on the whole effect, of mean 1, drawn once a draw.
    """

    name: str
    like: str
    size: float = 1.0
    uncertainty: float = 0.5


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the market and the course of events in it.

    Attributes
    ----------
    weight : (G,)
        The share of each geo that is in this part, 0 to 1; over all parts of a future each geo's add up to 1.
    future : Future
        As if the whole market went this way (its ``spend`` is national), without parts of its own.
    """

    weight: FloatArray
    future: Future


@dataclass(frozen=True, eq=False)
class Future:
    """One course of events over the horizon; every field after ``cost`` has a neutral default.

    Attributes
    ----------
    spend : (C + L, T)
        National money per week: the fit's C paid channels in order, then the L ``launched`` ones. Where there are
        ``parts``, the money of all of them together.
    cost : (C + L, T)
        Cost of an exposure over today's; the horizon only.
    demand : (T,)
        Factor on base sales, organic and paid media effects alike; the horizon only. Neutral: 1.
    notes : tuple of str
        What a reader should know about how it came to be, full sentences.
    base : (T,)
        Factor on base sales and organic media effects, not on those of paid media. Neutral: 1.
    controls : (K, G, T) or None
        Raw values of all the model's controls in the horizon; None: those of the same weeks last year.
    season : int
        Weeks by which the yearly waves (the baseline's Fourier terms and the demand index) come later than in the
        fit, from the horizon's first week on, in the tail too; negative: earlier. Trend, holidays, controls and organic
        media stay on their dates. Neutral: 0.
    price : (T,)
        The company's selling price over today's. How sales answer is in ``demand`` or ``controls``; this is what it
        does to the worth of an outcome unit and to the margin. Neutral: 1.
    supply_cap : (T,)
        The most that can be sold in each week, in outcome units, national. Neutral: infinity.
    backlog : float
        Share of what could not be sold that waits for the next week (orders); the rest is lost. What still waits after
        the last week is delivered after the horizon.
    launched : tuple of Launch
        The terms of the rows of ``spend`` and ``cost`` after the fit's own.
    parts : tuple of Part
        Empty: the whole market goes one way. Otherwise the market is divided: wanted outcome and media effects are the
        sums over the parts; of the fields here only ``spend``, ``notes``, ``supply_cap``, ``backlog``, ``launched``
        and ``price`` (one for all parts) are then meant, the others are each part's own (kept here as in the last
        part, for looking at).
    """

    spend: FloatArray
    cost: FloatArray
    demand: FloatArray
    notes: tuple[str, ...] = ()
    base: FloatArray = field(default_factory=lambda: np.ones(0))
    controls: FloatArray | None = None
    season: int = 0
    price: FloatArray = field(default_factory=lambda: np.ones(0))
    supply_cap: FloatArray = field(default_factory=lambda: np.ones(0))
    backlog: float = 0.0
    launched: tuple[Launch, ...] = ()
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        weeks = self.spend.shape[1]
        for name, neutral in (("base", 1.0), ("price", 1.0), ("supply_cap", np.inf)):
            if getattr(self, name).size == 0:
                object.__setattr__(self, name, np.full(weeks, neutral))
            if getattr(self, name).shape != (weeks,):
                raise ValueError(f"Future.{name} has shape {getattr(self, name).shape}, not ({weeks},).")
        if self.cost.shape != self.spend.shape or self.demand.shape != (weeks,):
            raise ValueError(f"Future.spend, cost and demand do not fit: {self.spend.shape}, {self.cost.shape}.")

    @staticmethod
    def as_usual(calendar: SpendCalendar) -> Future:
        """Return business as usual: the calendar's spend, today's prices, the expected demand."""
        shape = calendar.baseline.shape
        return Future(calendar.baseline, np.ones(shape), np.ones(shape[1]))

    def noting(self, *notes: str | None) -> Future:
        """Return the future with more notes; None says nothing, and a note that is there is not repeated."""
        new = dict.fromkeys(note for note in notes if note and note not in self.notes)
        return replace(self, notes=(*self.notes, *new)) if new else self


def _no_place(key: str) -> str:
    return key


@dataclass(frozen=True, eq=False)
class Setting:
    """What patches may look up, and how they name their place in an error.

    Attributes
    ----------
    response : ResponseDraws
    calendar : SpendCalendar
    folder : Path
        Where file names are resolved.
    place : callable
        Key of the patch → "file, line, key path".
    """

    response: ResponseDraws
    calendar: SpendCalendar
    folder: Path
    place: Callable[[str], str] = _no_place

    def refuse(self, key: str, says: str, do: str) -> SpecError:
        """Return the error that names the key's place."""
        return SpecError(says, where=self.place(key), do=do)

    def rows(self, future: Future) -> tuple[str, ...]:
        """Return the names of the rows of a future's spend: the fit's paid channels, then what it launches."""
        return (*self.calendar.channels, *(launch.name for launch in future.launched))

    def channels(self, key: str, names: str | tuple[str, ...], future: Future) -> BoolArray:
        """Return the (C + L,) mask of channel names, or of ``all``.

        Raises
        ------
        SpecError
            A name is neither a paid channel of the fit nor one that the future launches.
        """
        known = self.rows(future)
        wanted = known if names == "all" else (names,) if isinstance(names, str) else names
        for name in wanted:
            if name not in known:
                organic = " (it is an organic channel, without spend)" if name in self.response.organic.names else ""
                says = f"the channel '{name}' is not a paid channel of the fit{organic}"
                raise self.refuse(key, says, f"Known: {', '.join(known)}.")
        return np.isin(np.array(known), np.array(wanted))

    def shares(self, future: Future) -> FloatArray:
        """Return how the rows of a future's spend are divided over geos, (C + L, G): what is launched, evenly."""
        response = self.response
        going = response.active if response.active.any() else np.ones(len(response.geos), dtype=np.bool_)
        even = np.repeat((going / going.sum())[None], len(future.launched), axis=0)
        return np.concatenate([response.geo_shares(), even])

    def controls(self, future: Future) -> FloatArray:
        """Return a copy of the raw controls that a future has, (K, G, T)."""
        if future.controls is not None:
            return future.controls.copy()
        return last_year(self.response.baseline.controls, self.response, self.calendar.weeks).copy()

    def weeks(self, span: WeekRange | None) -> BoolArray:
        """Return the (T,) mask of a range of weeks; all of them without one.

        Raises
        ------
        SpecError
            The range holds no week of the horizon, or weeks that are not in it.
        """
        weeks = self.calendar.weeks
        if span is None:
            return np.ones(len(weeks), dtype=bool)
        first, last = span
        if isinstance(first, int):
            number = np.arange(1, len(weeks) + 1)
            mask = (number >= first) & (number <= int(str(last)))
            outside = first < 1 or int(str(last)) > len(weeks)
        else:
            start, end = np.datetime64(str(first)), np.datetime64(str(last))
            mask = (weeks >= start) & (weeks <= end)
            # A week that begins in the range and not in the horizon would be left out unsaid.
            outside = start <= weeks[0] - WEEK or end >= weeks[-1] + WEEK
        if outside or not mask.any():
            raise self.refuse(
                "weeks",
                f"the weeks {first} to {last} are not all in the horizon, whose {len(weeks)} weeks start on {weeks[0]} "
                f"to {weeks[-1]}",
                f"Give two week numbers from 1 to {len(weeks)}, the earlier first, or two dates from {weeks[0]} to "
                f"{weeks[-1] + WEEK - np.timedelta64(1, 'D')}.",
            )
        return np.asarray(mask, dtype=bool)

    def last_year(self) -> FloatArray:
        """Return what the same weeks spent a year earlier, (C, T).

        Raises
        ------
        SpecError
            The data hold less than a year.
        """
        if self.response.n_weeks < 52:
            raise self.refuse(
                "flighting",
                f"as_history needs a year of data, and the fit has {self.response.n_weeks} weeks",
                "Choose another flighting.",
            )
        weeks = self.calendar.weeks
        return business_as_usual(self.response, weeks[0], len(weeks), BaselineRule.SAME_WEEKS_LAST_YEAR).baseline
