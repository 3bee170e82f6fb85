"""The fitted outcome taken apart, to make hidden causes from: effects, known causes, residual; least squares only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.panel import Panel
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import fitted_effect

#: Draws whose mean stands for the posterior mean.
DRAWS = 200


@dataclass(frozen=True, eq=False)
class Axes:
    """What a hidden cause of one channel is made of, geo by geo.

    Attributes
    ----------
    effect, residual, noise : (G, T)
        Of length 1 in each geo, at right angles to each other and to everything else in the model; 0 where a geo has
        no row.
    """

    effect: FloatArray
    residual: FloatArray
    noise: FloatArray

    def cause(self, strength: float) -> FloatArray:
        """Return the control, (G, T), that explains ``strength`` of the rest of the effect and of the outcome."""
        r = np.sqrt(strength)
        mixed = r * self.effect + r * np.sqrt(1.0 - strength) * self.residual + (1.0 - strength) * self.noise
        return np.asarray(mixed * np.sqrt(mixed.shape[1]), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Parts:
    """Mean effects and known causes by week.

    Attributes
    ----------
    names : tuple of str
        M media, paid and organic.
    effects : (M, G, T)
        Mean effect of each, outcome units.
    groups : dict of str to (G, T, P)
        The columns of each known cause: the calendar, each control.
    outcome, residual : (G, T)
        Residual: outcome minus mean fit.
    observed : (G, T) bool
    """

    names: tuple[str, ...]
    effects: FloatArray
    groups: dict[str, FloatArray]
    outcome: FloatArray
    residual: FloatArray
    observed: BoolArray

    def _others(self, channel: str, g: int, *, without: str = "") -> FloatArray:
        """Return every column but the channel's (and a group's), intercept included, (T, ·)."""
        seen = self.observed[g]
        media = [self.effects[m, g] for m, name in enumerate(self.names) if name != channel]
        known = [columns[g] for name, columns in self.groups.items() if name != without]
        table = [np.ones((len(seen), 1)), *known, *(effect[:, None] for effect in media)]
        return np.asarray(np.concatenate(table, axis=1)[seen], dtype=np.float64)

    def axes(self, channel: str, rng: np.random.Generator) -> Axes:
        """Return what a hidden cause of a channel is made of."""
        made = np.zeros((3, *self.residual.shape))
        for g, seen in enumerate(self.observed):
            others = self._others(channel, g)
            effect = _unit(rest(self.effects[self.names.index(channel), g, seen], others))
            residual = _unit(rest(self.residual[g, seen], np.column_stack([others, effect])))
            noise = rest(rng.standard_normal(int(seen.sum())), np.column_stack([others, effect, residual]))
            made[:, g, seen] = effect, residual, _unit(noise)
        return Axes(*made)

    def strength_of(self, group: str, channel: str) -> float:
        """Return the equal strength of a hidden cause that would bias as much as leaving out a known one would.

        Pooled over geos. Cinelli & Hazlett (2020), section 4: the bias grows with R_y R_d / sqrt(1 − R_d²).
        """
        c = self.names.index(channel)
        spread = np.zeros(4)
        for g, seen in enumerate(self.observed):
            others, columns = self._others(channel, g, without=group), self.groups[group][g, seen]
            effect = self.effects[c, g, seen]
            outcome = self.outcome[g, seen]
            whole = np.column_stack([others, columns])
            spread[0] += power(rest(effect, others))
            spread[1] += power(rest(effect, whole))
            spread[2] += power(rest(outcome, np.column_stack([others, effect])))
            spread[3] += power(rest(outcome, np.column_stack([whole, effect])))
        of_effect = 1.0 - spread[1] / spread[0] if spread[0] > 0 else 0.0
        of_outcome = 1.0 - spread[3] / spread[2] if spread[2] > 0 else 0.0
        of_effect = min(max(of_effect, 0.0), 1.0 - 1e-9)
        square = max(of_outcome, 0.0) * of_effect / (1.0 - of_effect)
        return float((np.sqrt(square**2 + 4.0 * square) - square) / 2.0)


def parts_of(response: ResponseDraws, panel: Panel) -> Parts:
    """Take a fit's posterior mean apart; the panel is the one that was fitted."""
    some = response.select(np.linspace(0, response.n_draws - 1, min(DRAWS, response.n_draws)).astype(np.int64))
    paid = fitted_effect(some.paid)
    if some.demand is not None:
        paid = paid * some.demand.multiplier(panel.weeks)
    effects = np.concatenate([paid.mean(axis=-1), fitted_effect(some.organic).mean(axis=-1)])
    floor = some.baseline.mean(panel.weeks, panel.controls).mean(axis=-1)
    calendar = some.baseline.basis.design(panel.weeks)[:, 1:]
    groups = {"the calendar": np.broadcast_to(calendar, (len(panel.geos), *calendar.shape))} if calendar.size else {}
    groups |= {name: panel.controls[k][..., None] for k, name in enumerate(panel.control_names)}
    return Parts(
        names=(*panel.channels, *panel.organic_names),
        effects=effects,
        groups=groups,
        outcome=panel.outcome,
        residual=panel.outcome - floor - effects.sum(axis=0),
        observed=panel.observed,
    )


def rest(values: FloatArray, columns: FloatArray) -> FloatArray:
    """Return what least squares on the columns leaves."""
    found, *_ = np.linalg.lstsq(columns, values, rcond=1e-10)
    return np.asarray(values - columns @ found, dtype=np.float64)


def power(values: FloatArray) -> float:
    """Return the sum of squares."""
    return float(values @ values)


def _unit(values: FloatArray) -> FloatArray:
    return np.asarray(values / max(np.sqrt(power(values)), 1e-300), dtype=np.float64)
