"""What a person writes in ``model.yaml``: the data's keys (:class:`mmm.data.spec.PanelSpec`) and the model's."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from mmm.config import StrictModel, load_yaml, parse
from mmm.data.spec import PanelSpec
from mmm.model.priors import Priors
from mmm.transforms.saturation import Saturation


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
    """The baseline's slow movement."""

    LINEAR = "linear"
    NONE = "none"
    PIECEWISE = "piecewise"


class DemandForm(StrEnum):
    """Whether media effects scale with a learned yearly index of demand."""

    NONE = "none"
    YEARLY = "yearly"


class Sampling(StrictModel):
    """How the posterior is sampled.

    Attributes
    ----------
    chains, tune, draws : int
    target_accept : float
        Target acceptance of the sampler; higher takes smaller steps.
    cores : int or None
        Chains at a time; None: as many as the machine has, at most one a chain.
    """

    chains: int = Field(default=4, ge=1, le=64)
    tune: int = Field(default=1000, ge=50, le=100_000)
    draws: int = Field(default=1000, ge=10, le=100_000)
    target_accept: float = Field(default=0.9, gt=0.5, lt=1.0)
    cores: int | None = Field(default=None, ge=1, le=1024)

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
    holidays : str or None
        ISO country code whose public holidays get a coefficient each.
    demand_index : DemandForm
    fiscal_year_start : int
        Month in which the company's year begins.
    sampling : Sampling
    priors : Priors
    """

    saturation: SaturationForm | dict[str, SaturationForm] = SaturationForm.HILL
    trend: Trend = Trend.LINEAR
    trend_knots: int = Field(default=4, ge=1, le=50)
    seasonality: int = Field(default=2, ge=0, le=12)
    holidays: str | None = None
    demand_index: DemandForm = DemandForm.NONE
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    sampling: Sampling = Sampling()
    priors: Priors = Priors()
    lift_tests: None = None

    @field_validator("lift_tests", mode="before")
    @classmethod
    def _not_yet(cls, value: object) -> None:
        if value is not None:
            raise ValueError(
                "lift tests are not supported yet; remove the key, and state what a test found as that channel's "
                "ROAS prior, e.g. priors: {channels: {tv: {roas: {median: 2, q95: 4}}}}"
            )

    @model_validator(mode="after")
    def _known_channels(self) -> Self:
        media = {*self.channels, *self.organic}
        named = self.saturation if isinstance(self.saturation, dict) else {}
        for key, names in (("saturation", named), ("priors.channels", self.priors.channels)):
            unknown = sorted(set(names) - media)
            if unknown:
                raise ValueError(f"'{key}' names '{unknown[0]}', which is not a channel or organic channel here")
        for name, stated in self.priors.channels.items():
            wrong = "roas" if name in self.organic else "share_of_outcome"
            if getattr(stated, wrong) is not None:
                kind = "an organic" if name in self.organic else "a paid"
                raise ValueError(f"'priors.channels.{name}.{wrong}' cannot be stated of {kind} channel")
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

    def form(self, channel: str) -> SaturationForm:
        """Return the saturation form of a paid or organic channel."""
        if isinstance(self.saturation, dict):
            return self.saturation.get(channel, SaturationForm.HILL)
        return self.saturation

    @property
    def media(self) -> tuple[str, ...]:
        """Paid channels, then organic ones."""
        return (*self.channels, *self.organic)
