"""The panel: one validated table of weeks by geo, in raw units, with the report of how it came to be."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.data.lift_tests import LiftTest
from mmm.data.report import DataReport

if TYPE_CHECKING:
    import pandas as pd

NATIONAL = "national"
_BY_WEEK = ("outcome", "value_per_outcome", "spend", "exposure", "organic", "controls", "observed")


@dataclass(frozen=True, eq=False)
class Panel:
    """Weeks × geos of outcome, media, organic media and controls; nothing scaled.

    Attributes
    ----------
    weeks : (T,) datetime64[D]
        First day of each week, consecutive.
    geos : tuple of str
        ``("national",)`` for national data; G names otherwise.
    outcome : (G, T)
        In outcome units per week.
    value_per_outcome : (G, T)
        Money per outcome unit; ones where the outcome is money.
    outcome_is_money : bool
        True where money figures may be stated (the outcome is money, or a value was given).
    outcome_name, currency : str
    channels : tuple of str
        C paid channels.
    spend : (C, G, T)
        Money per week.
    exposure : (C, G, T)
        What the model sees: exposures where the channel has them, else the spend itself.
    exposure_based : (C,) bool
    organic_names : tuple of str
    organic : (O, G, T)
    control_names : tuple of str
    controls : (K, G, T)
    population : (G,)
        Ones where none was given.
    report : DataReport
        Findings and the ledger of rows and spend.
    source_hash : str
        SHA-256 of the file that was read; of the sources' hashes where there are several.
    observed : (G, T) bool
        False where a geo has no row in that week: missing, not zero. Outcome and spend are 0 there and never used;
        exposure, organic media and controls hold what the carryover is run through. Default: all True.
    national_channels : tuple of str
        Channels whose column holds the national figure; the panel splits it over geos by population.
    lift_tests : tuple of LiftTest
    inputs : Mapping
        Name of each file of the sources → SHA-256; empty where one file was read.
    """

    weeks: WeekArray
    geos: tuple[str, ...]
    outcome: FloatArray
    value_per_outcome: FloatArray
    outcome_is_money: bool
    outcome_name: str
    currency: str
    channels: tuple[str, ...]
    spend: FloatArray
    exposure: FloatArray
    exposure_based: BoolArray
    organic_names: tuple[str, ...]
    organic: FloatArray
    control_names: tuple[str, ...]
    controls: FloatArray
    population: FloatArray
    report: DataReport
    source_hash: str = ""
    observed: BoolArray = field(default_factory=lambda: np.ones((0, 0), dtype=np.bool_))
    national_channels: tuple[str, ...] = ()
    lift_tests: tuple[LiftTest, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        geos, weeks = len(self.geos), len(self.weeks)
        if self.observed.size == 0:
            object.__setattr__(self, "observed", np.ones((geos, weeks), dtype=np.bool_))
        expected = {
            "outcome": (geos, weeks),
            "value_per_outcome": (geos, weeks),
            "spend": (len(self.channels), geos, weeks),
            "exposure": (len(self.channels), geos, weeks),
            "exposure_based": (len(self.channels),),
            "organic": (len(self.organic_names), geos, weeks),
            "controls": (len(self.control_names), geos, weeks),
            "population": (geos,),
            "observed": (geos, weeks),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"Panel.{name} has shape {getattr(self, name).shape}, not {shape}.")

    @property
    def n_weeks(self) -> int:
        """Number of weeks T."""
        return len(self.weeks)

    @property
    def has_population(self) -> bool:
        """Whether a population was given: it is ones otherwise."""
        return bool((self.population != 1.0).any())

    def cut(self, first: int, stop: int) -> Panel:
        """Return the weeks from one index up to another; lift tests that are not wholly among them are dropped.

        Parameters
        ----------
        first, stop : int
            Indices of weeks, as in ``weeks[first:stop]``.

        Notes
        -----
        The report stays that of the whole file.
        """
        weeks = self.weeks[first:stop]
        inside = set(weeks.tolist())
        return replace(
            self,
            weeks=weeks,
            **{name: getattr(self, name)[..., first:stop] for name in _BY_WEEK},
            lift_tests=tuple(t for t in self.lift_tests if {t.start.item(), t.measured_to.item()} <= inside),
        )

    def with_channel(self, name: str, spend: FloatArray) -> Panel:
        """Return the panel with one more paid channel, modelled on its spend (a placebo, for example).

        Parameters
        ----------
        name : str
            Of no channel, organic column or control that there is.
        spend : (G, T)
            Money per week; zero is put where nothing was observed, while the response sees it throughout.

        Raises
        ------
        ValueError
            The name is taken, or the shape is another.
        """
        if name in (*self.channels, *self.organic_names, *self.control_names):
            raise ValueError(f"'{name}' is in the panel already.")
        seen = np.maximum(spend, 0.0)
        return replace(
            self,
            channels=(*self.channels, name),
            spend=np.concatenate([self.spend, np.where(self.observed, spend, 0.0)[None]]),
            exposure=np.concatenate([self.exposure, seen[None]]),
            exposure_based=np.append(self.exposure_based, False),
        )

    def with_outcome(self, outcome: FloatArray) -> Panel:
        """Return the panel with another outcome, (G, T): simulated or permuted; zero where nothing was observed."""
        return replace(self, outcome=np.where(self.observed, outcome, 0.0))

    def to_frame(self) -> pd.DataFrame:
        """Return the panel as one tidy table: week, geo, observed, outcome, ``spend:<channel>`` and so on."""
        import pandas as pd  # noqa: PLC0415  (slow to load; only this table needs it)

        geo, week = np.meshgrid(np.arange(len(self.geos)), np.arange(self.n_weeks), indexing="ij")
        columns: dict[str, object] = {
            "week": self.weeks[week.ravel()],
            "geo": np.asarray(self.geos, dtype=object)[geo.ravel()],
            "observed": self.observed.ravel(),
            self.outcome_name: self.outcome.ravel(),
        }
        columns |= {f"spend:{name}": self.spend[i].ravel() for i, name in enumerate(self.channels)}
        columns |= {
            f"exposure:{name}": self.exposure[i].ravel()
            for i, name in enumerate(self.channels)
            if self.exposure_based[i]
        }
        columns |= {f"organic:{name}": self.organic[i].ravel() for i, name in enumerate(self.organic_names)}
        columns |= {f"control:{name}": self.controls[i].ravel() for i, name in enumerate(self.control_names)}
        return pd.DataFrame(columns)

    def _repr_html_(self) -> str:
        first, last = self.weeks[0], self.weeks[-1]
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td style='text-align:right'>{self.spend[i].sum():,.0f}</td></tr>"
            for i, name in enumerate(self.channels)
        )
        return (
            f"<p><b>Panel</b>: {self.n_weeks} weeks ({first} to {last}), {len(self.geos)} geo(s), "
            f"outcome {html.escape(self.outcome_name)}, {len(self.organic_names)} organic, "
            f"{len(self.control_names)} controls.</p>"
            f"<table><tr><th>channel</th><th>spend, {html.escape(self.currency)}</th></tr>{rows}</table>"
        )
