"""The random variables of the media: one vector a parameter, one variable more for each distribution of its own.

What the sampler moves is said by :func:`pieces`, and read back by :mod:`mmm.model.posterior` in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from mmm.arrays import FloatArray
from mmm.model.centring import Centring
from mmm.model.distributions import Parameter
from mmm.model.information import guess_errors
from mmm.model.prepared import Prepared
from mmm.model.prior_values import RoasRule
from mmm.model.spreads import CARRYOVER_SPREAD, HALF_SPREAD, SIZE_SPREAD, SLOPE_SPREAD, by_geo
from mmm.transforms.graph import Tensor

#: Makes a random variable of this name inside the model's context.
Maker = Callable[[str], Tensor]


@dataclass(frozen=True)
class Piece:
    """Members of a parameter that share one variable.

    Attributes
    ----------
    name : str
        Of the variable.
    members : tuple of int
        Indices among the parameter's labels.
    """

    name: str
    members: tuple[int, ...]


def pieces(natural: str, labels: Sequence[str], own: Sequence[str], pooled: Sequence[int] = ()) -> tuple[Piece, ...]:
    """Return the variables of a parameter: those by default, those pooled, and one for each label in ``own``."""
    pooled = [i for i in pooled if labels[i] not in own]
    apart = {*pooled, *(i for i, label in enumerate(labels) if label in own)}
    rest = tuple(i for i in range(len(labels)) if i not in apart)
    found = [Piece(natural, rest)] if rest else []
    found += [Piece(f"{natural}_z", tuple(pooled))] if pooled else []
    return (*found, *(Piece(f"{natural}:{label}", (i,)) for i, label in enumerate(labels) if label in own))


@dataclass(frozen=True)
class Layout:
    """The variables of every parameter of the media, and what may differ between geos."""

    carryover: tuple[Piece, ...]
    half_saturation: tuple[Piece, ...]
    slope: tuple[Piece, ...]
    roas: tuple[Piece, ...]
    organic_share: tuple[Piece, ...]
    by_geo: tuple[str, ...]


def makers_of(
    prepared: Prepared, extra: Mapping[tuple[Parameter, str], Maker] | None
) -> dict[tuple[Parameter, str], Maker]:
    """Return every distribution of its own: those named in model.yaml, then those given in Python."""
    named = {key: distribution.to_pymc for key, distribution in prepared.priors.custom.items()}
    return {**named, **(extra or {})}


def layout(prepared: Prepared, makers: Mapping[tuple[Parameter, str], Maker]) -> Layout:
    """Return which variables the sampler moves."""
    spec = prepared.spec

    def own(*parameters: Parameter) -> tuple[str, ...]:
        return tuple(name for parameter, name in makers if parameter in parameters)

    free = [spec.media[i] for i in prepared.free_slope]
    pooled = prepared.priors.pooled
    return Layout(
        carryover=pieces("carryover", spec.media, own(Parameter.CARRYOVER)),
        half_saturation=pieces("half_saturation", spec.media, own(Parameter.HALF_SATURATION)),
        slope=pieces("slope", free, own(Parameter.SLOPE)),
        roas=pieces(
            "roas", list(spec.channels), own(Parameter.ROAS, Parameter.SHARE), pooled.channels if pooled else ()
        ),
        organic_share=pieces("organic_share", spec.organic, own(Parameter.SHARE)),
        by_geo=by_geo(prepared),
    )


@dataclass(frozen=True)
class Media:
    """Media parameters inside the graph: (M, G) each, and each medium's share of the outcome's value, (M,)."""

    alpha: Tensor
    half: Tensor
    slope: Tensor
    tilt: Tensor
    share: Tensor

    @property
    def theta(self) -> Tensor:
        """Retention, half-saturation, slope and tilt as the kernel takes them, (4, M, G)."""
        return pt.stack([self.alpha, self.half, self.slope, self.tilt])


@dataclass(frozen=True)
class _Vector:
    """A parameter's default prior: one distribution with the labels' own numbers."""

    kind: type
    dim: str
    labels: tuple[str, ...]
    values: dict[str, FloatArray]

    def make(self, part: Piece) -> Tensor:
        """Make the variable of some labels."""
        members = list(part.members)
        data = [pm.Data(name, array[members]) for name, array in self.values.items()]
        whole: dict[str, Any] = {"dims": self.dim} if len(members) == len(self.labels) else {"shape": len(members)}
        return self.kind(part.name, *data, **whole)


def random_media(prepared: Prepared, makers: Mapping[tuple[Parameter, str], Maker]) -> Media:
    """Make the media's random variables in the current model."""
    found, priors, spec = layout(prepared, makers), prepared.priors, prepared.spec
    free = np.array(prepared.free_slope, dtype=np.int64)
    names = tuple(spec.media)

    def joined(parts: tuple[Piece, ...], parameter: Parameter, vector: _Vector) -> Tensor:
        return _joined(parts, parameter, vector, prepared, makers)

    beta = {"carryover_a": priors.carryover_a, "carryover_b": priors.carryover_b}
    alpha = joined(found.carryover, Parameter.CARRYOVER, _Vector(pm.Beta, "medium", names, beta))
    log = {"half_mu": priors.half_mu, "half_sigma": priors.half_sigma}
    half = joined(found.half_saturation, Parameter.HALF_SATURATION, _Vector(pm.LogNormal, "medium", names, log))
    slope = pt.ones(len(names))
    if len(free):
        log = {"slope_mu": priors.slope_mu[free], "slope_sigma": priors.slope_sigma[free]}
        labels = tuple(names[i] for i in free)
        learned = joined(found.slope, Parameter.SLOPE, _Vector(pm.LogNormal, "free", labels, log))
        slope = pt.set_subtensor(slope[free], learned)
    log = {"roas_mu": priors.roas_mu, "roas_sigma": priors.roas_sigma}
    roas = joined(found.roas, Parameter.ROAS, _Vector(pm.LogNormal, "channel", tuple(spec.channels), log))
    _flat_where_marginal(prepared, roas)
    share = roas * pm.Data("money_share", prepared.money_share)
    if spec.organic:
        log = {"organic_mu": priors.organic_mu, "organic_sigma": priors.organic_sigma}
        vector = _Vector(pm.LogNormal, "organic", tuple(spec.organic), log)
        share = pt.concatenate([share, joined(found.organic_share, Parameter.SHARE, vector)])
    return _by_geo(prepared, found, alpha[:, None], half[:, None], slope[:, None], share)


def _joined(
    parts: tuple[Piece, ...],
    parameter: Parameter,
    vector: _Vector,
    prepared: Prepared,
    makers: Mapping[tuple[Parameter, str], Maker],
) -> Tensor:
    """Make a parameter's variables and put them into the order of its labels."""
    made = []
    for part in parts:
        if ":" in part.name:
            made.append(pt.atleast_1d(_own(makers, parameter, vector.labels[part.members[0]], part.name, prepared)))
        else:
            made.append(_pooled(part, prepared) if part.name == "roas_z" else vector.make(part))
    if len(made) == 1:
        return made[0]
    return pt.concatenate(made)[np.argsort([i for part in parts for i in part.members])]


def _by_geo(prepared: Prepared, found: Layout, alpha: Tensor, half: Tensor, slope: Tensor, share: Tensor) -> Media:
    """Let geos differ where they may: (M, 1) parameters become (M, G)."""
    vary, wide = found.by_geo, pt.ones((len(prepared.forms), len(prepared.panel.geos)))
    if "carryover" in vary:
        alpha = pm.math.sigmoid(pm.math.logit(alpha) + _differ("carryover", CARRYOVER_SPREAD, "medium"))
    if "half_saturation" in vary:
        half = half * pt.exp(_differ("half_saturation", HALF_SPREAD, "medium"))
    slope = _slopes(slope, np.array(prepared.free_slope, dtype=np.int64), wide, vary="slope" in vary)
    tilt = _tilt(prepared) if "size" in vary else wide
    return Media(alpha * wide, half * wide, slope, tilt, share)


def _own(
    makers: Mapping[tuple[Parameter, str], Maker], parameter: Parameter, label: str, name: str, prepared: Prepared
) -> Tensor:
    """Make the variable of one medium; a paid channel's share is its ROAS over its money share."""
    if (parameter, label) in makers:
        return makers[parameter, label](name)
    c = list(prepared.spec.channels).index(label)
    return makers[Parameter.SHARE, label](name) / pm.Data(f"money:{label}", prepared.money_share[c])


def _pooled(part: Piece, prepared: Prepared) -> Tensor:
    """ROAS of channels that share a learned centre and spread, centred as far as the data are strong."""
    pooled = prepared.priors.pooled
    if pooled is None:
        raise ValueError("no channels are pooled")
    center = pm.Normal(
        "roas_center", pm.Data("roas_center_mu", pooled.mu), pm.Data("roas_center_sigma", pooled.mu_sigma)
    )
    spread = pm.HalfNormal("roas_spread", pm.Data("roas_spread_scale", pooled.tau_scale))
    own = Centring(spread, pm.Data("roas_error", guess_errors(prepared).total[list(part.members)]))
    constant = pm.Data("roas_constant", pooled.mu)
    moved = pm.Normal(part.name, own.mean(center, constant), own.scale, shape=len(part.members))
    return pt.exp(own.value(moved, center, constant))


def _flat_where_marginal(prepared: Prepared, roas: Tensor) -> None:
    """Take the ROAS prior back where the mROAS is stated: the kernel adds that one, as a density of log ROAS."""
    marginal = [c for c, rule in enumerate(prepared.priors.roas_rule) if rule is RoasRule.MROAS]
    if marginal:
        index = np.array(marginal)
        z = (pt.log(roas[index]) - prepared.priors.roas_mu[index]) / prepared.priors.roas_sigma[index]
        pm.Potential("marginal", 0.5 * pt.sqr(z).sum())


def _differ(name: str, scale: float, dim: str) -> Tensor:
    """How geos differ in a parameter, (·, G), around 0: one learned spread for all media, non-centred."""
    spread = pm.HalfNormal(f"{name}_spread", scale)
    return spread * pm.Normal(f"{name}_geo", dims=(dim, "geo"))


def _tilt(prepared: Prepared) -> Tensor:
    """Each geo's size relative to the channel's, (M, G): a learned spread for each medium."""
    spread = pm.HalfNormal("size_spread", SIZE_SPREAD, dims="medium")
    own = Centring(spread[:, None], pm.Data("size_error", guess_errors(prepared).by_geo))
    return pt.exp(own.value(pm.Normal("size_geo", 0.0, own.scale, dims=("medium", "geo"))))


def _slopes(slope: Tensor, free: np.ndarray, wide: Tensor, *, vary: bool) -> Tensor:
    whole = slope * wide
    if not vary:
        return whole
    return pt.set_subtensor(whole[free], whole[free] * pt.exp(_differ("slope", SLOPE_SPREAD, "free")))
