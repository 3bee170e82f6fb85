"""What every check starts from: the fit, its panel, the spec of the refits, and what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.model.fit import Fit
from mmm.model.priors import Shrinkage
from mmm.model.spec import ModelSpec
from mmm.model.validation.parts import Parts, parts_of
from mmm.model.validation.rebuild import panel_of
from mmm.model.validation.refits import Job, Refit, digest_fit
from mmm.model.validation.settings import Settings
from mmm.response.calendar import WEEKS_A_YEAR

#: A plan may move each channel this far from what it spends today, either way.
MOVE = 0.2
#: Spend levels at which a response is kept, from ``1 − MOVE`` to ``1 + MOVE`` of today's.
LEVELS = 41


@dataclass(frozen=True, eq=False)
class Base:
    """The fit under test.

    Attributes
    ----------
    fit : Fit
    settings : Settings
    """

    fit: Fit
    settings: Settings

    @cached_property
    def panel(self) -> Panel:
        """The panel that was fitted."""
        return panel_of(self.fit)

    @cached_property
    def spec(self) -> ModelSpec:
        """The spec of the refits: the fit's, with at most the settings' warm-up and draws."""
        own = self.fit.spec.sampling
        shorter = {"tune": min(own.tune, self.settings.tune), "draws": min(own.draws, self.settings.draws)}
        # Whether ROAS priors are pooled may hang on the number of channels, which some checks change.
        shrinkage = Shrinkage.NONE if self.fit.priors.pooled is None else Shrinkage.POOLED
        priors = self.fit.spec.priors.model_copy(update={"shrinkage": shrinkage})
        return self.fit.spec.model_copy(update={"sampling": own.model_copy(update=shorter), "priors": priors})

    @cached_property
    def money(self) -> FloatArray:
        """Weekly spend at which responses are compared: last year's mean times 0.8 to 1.2, (C, LEVELS)."""
        today = np.maximum(self.panel.spend.sum(axis=1)[:, -WEEKS_A_YEAR:].mean(axis=1), 0.0)
        return np.asarray(today[:, None] * np.linspace(1.0 - MOVE, 1.0 + MOVE, LEVELS), dtype=np.float64)

    @cached_property
    def reference(self) -> Refit:
        """The fit itself, as a refit would be kept."""
        job = Job("the fit", self.fit.spec, self.panel, money=self.money)
        return digest_fit(self.fit, job, np.random.default_rng(self.fit.seed))

    @cached_property
    def parts(self) -> Parts:
        """The fitted outcome taken apart."""
        return parts_of(self.fit.response, self.panel)

    @cached_property
    def largest(self) -> tuple[str, ...]:
        """The channels that checks of single channels look at: the largest by mean contribution."""
        made = self.reference.roas.mean(axis=1) * self.reference.spend
        order = np.argsort(-made)[: self.settings.largest]
        return tuple(self.panel.channels[c] for c in order)
