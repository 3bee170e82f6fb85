"""What a person writes in ``model.yaml``: the data's keys (:class:`mmm.data.spec.PanelSpec`) and the model's."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, field_validator, model_validator

from mmm.config import StrictModel, load_yaml, parse
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, SpecError
from mmm.model.priors import Priors
from mmm.transforms.saturation import Saturation

if TYPE_CHECKING:
    from mmm.data.panel import Panel


class SaturationForm(StrEnum):
    """Saturation of a channel: Hill with slope 1, logistic, or Hill with a slope to be learned."""

    HILL = "hill"
    LOGISTIC = "logistic"
    HILL_FREE_SLOPE = "hill_free_slope"

    @property
    def function(self) -> Saturation:
        """The function behind the form."""
        return Saturation.LOGISTIC if self is SaturationForm.LOGISTIC else Saturation.HILL


class Trend(StrEnum):
    """The baseline's slow movement.

    FLEXIBLE is a linear trend and a level that may wander between knots about eight weeks apart, by an amount that is
    learned from the data.
    """

    LINEAR = "linear"
    NONE = "none"
    PIECEWISE = "piecewise"
    FLEXIBLE = "flexible"


class Noise(StrEnum):
    """How the weekly residuals are distributed; Student-t gives single weeks less power, and takes the general form."""

    NORMAL = "normal"
    STUDENT_T = "student_t"


class Pool(StrEnum):
    """Whether a parameter may differ between geos (around a common value, by an amount that is learned) or not."""

    PARTIAL = "partial"
    COMPLETE = "complete"


class Pooling(StrictModel):
    """What may differ between geos.

    Attributes
    ----------
    size : Pool
        A channel's effect in each geo, relative to the channel's own.
    carryover, half_saturation, slope : Pool
        One for all geos by default: letting them differ costs several times the sampling.
    baseline : Pool
        Trend, season and controls (each geo always has a level of its own).
    """

    size: Pool = Pool.PARTIAL
    carryover: Pool = Pool.COMPLETE
    half_saturation: Pool = Pool.COMPLETE
    slope: Pool = Pool.COMPLETE
    baseline: Pool = Pool.PARTIAL


class DemandForm(StrEnum):
    """Whether media effects scale with a learned yearly index of demand."""

    NONE = "none"
    YEARLY = "yearly"


#: Of a panel of geos in the fast form: what mixes badly there is integrated out, so longer steps do no harm.
GEO_SAMPLING = {"target_accept": 0.8}
#: Of Student-t residuals, whose coefficients are all sampled: there is more to learn.
STUDENT_SAMPLING = {"tune": 1000}


class Sampling(StrictModel):
    """How the posterior is sampled; see :data:`GEO_SAMPLING` and :data:`STUDENT_SAMPLING` for other defaults.

    Attributes
    ----------
    chains : int
        Two or more: a plan is chosen on one half of them and judged on the other.
    tune, draws : int
    target_accept : float
        Target acceptance of the sampler; higher takes smaller steps.
    cores : int or None
        Chains at a time; None: as many as the machine has, at most one a chain.
    """

    chains: int = Field(default=4, le=64)
    tune: int = Field(default=500, ge=50, le=100_000)
    draws: int = Field(default=1000, ge=10, le=100_000)
    target_accept: float = Field(default=0.9, gt=0.5, lt=1.0)
    cores: int | None = Field(default=None, ge=1, le=1024)

    @field_validator("chains")
    @classmethod
    def _two_halves(cls, value: int) -> int:
        if value < 2:
            raise ValueError("a plan is chosen on one half of the chains and judged on the other: give 2 or more")
        return value

    def resolved_cores(self) -> int:
        """Return the number of chains sampled at a time."""
        available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(self.chains, self.cores or available)


class ModelSpec(PanelSpec):
    """The whole of ``model.yaml``.

    Attributes
    ----------
    saturation : SaturationForm or dict
        One form for all media, or channel → form (the others keep Hill).
    trend : Trend
    trend_knots : int
        Bends of a piecewise trend, evenly spaced.
    seasonality : int
        Number of yearly sine–cosine pairs; 0 for none.
    demand_index : DemandForm
    noise : Noise
    pooling : Pooling
        For data with geos.
    week_shocks : bool
        For data with geos: a shock to every week that all geos share (weather, news), as large as the data say.
    fiscal_year_start : int
        Month in which the company's year begins.
    sampling : Sampling
    priors : Priors
    """

    saturation: SaturationForm | dict[str, SaturationForm] = SaturationForm.HILL
    trend: Trend = Trend.LINEAR
    trend_knots: int = Field(default=4, ge=1, le=50)
    seasonality: int = Field(default=2, ge=0, le=12)
    demand_index: DemandForm = DemandForm.NONE
    noise: Noise = Noise.NORMAL
    pooling: Pooling = Pooling()
    week_shocks: bool = True
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    sampling: Sampling = Sampling()
    priors: Priors = Priors()

    @model_validator(mode="before")
    @classmethod
    def _sampling_of_its_kind(cls, values: Any) -> Any:
        """Let a panel of geos, and Student-t residuals, have their own defaults of sampling."""
        if not isinstance(values, dict) or not isinstance(stated := values.get("sampling", {}), dict):
            return values
        if values.get("noise", Noise.NORMAL) != Noise.NORMAL:
            return {**values, "sampling": {**STUDENT_SAMPLING, **stated}}
        data = values.get("data")
        by_geo = isinstance(data, dict) and data.get("geo") is not None
        return {**values, "sampling": {**GEO_SAMPLING, **stated}} if by_geo else values

    @model_validator(mode="after")
    def _known_channels(self) -> Self:
        named = set(self.saturation) if isinstance(self.saturation, dict) else set()
        unknown = sorted(named - {*self.media})
        if unknown:
            raise ValueError(f"'saturation' names '{unknown[0]}', which is not a channel or organic channel here")
        self.priors.refuse_strangers(self.channels, self.organic, self.controls)
        return self

    @classmethod
    def from_yaml(cls, path: str | Path) -> ModelSpec:
        """Read ``model.yaml``.

        Raises
        ------
        SpecError
            Names file, line and key of the first thing that is not understood.
        """
        return parse(cls, load_yaml(path))

    def for_panel(self, panel: Panel) -> ModelSpec:
        """Return the spec of what the panel holds: the data room leaves out columns that carry nothing.

        Channels, organic channels and controls that are not in the panel go, with their saturation and priors; what
        is left stands in the panel's order.

        Raises
        ------
        DataError
            No paid channel is left.
        SpecError
            The panel holds a name that is not in the spec: it was read with another one.
        """
        named = {*self.media, *self.controls}
        media = (*panel.channels, *panel.organic_names)
        strange = [name for name in (*media, *panel.control_names) if name not in named]
        if strange:
            raise SpecError(
                f"the panel holds '{strange[0]}', which the model does not name",
                where="model.yaml",
                do="Read the panel with the model that is to be fitted.",
            )
        if not panel.channels:
            raise DataError(
                "no paid channel has any spend, so there is nothing to fit",
                where="model.yaml, channels",
                do="Check the columns named there; the data report lists each that was left out.",
            )
        forms = self.saturation
        if isinstance(forms, dict):
            forms = {name: form for name, form in forms.items() if name in media}
        return self.model_copy(
            update={
                "channels": {name: self.channels[name] for name in panel.channels},
                "organic": panel.organic_names,
                "controls": panel.control_names,
                "saturation": forms,
                "priors": self.priors.of(media, panel.control_names),
            }
        )

    def form(self, channel: str) -> SaturationForm:
        """Return the saturation form of a paid or organic channel."""
        if isinstance(self.saturation, dict):
            return self.saturation.get(channel, SaturationForm.HILL)
        return self.saturation

    @property
    def media(self) -> tuple[str, ...]:
        """Paid channels, then organic ones."""
        return (*self.channels, *self.organic)
