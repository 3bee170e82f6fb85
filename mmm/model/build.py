r"""The PyMC model.

With outcome and media scaled (:mod:`mmm.model.prepared`), for medium *c* and week *t*

.. math::
    y_t = Z_t b + \sum_c \beta_c\, q_t\, f(a_{ct}; k_c, n_c) + \varepsilon_t,\qquad
    a_{ct} = \alpha_c a_{c,t-1} + (1-\alpha_c) x_{ct}

where *q* is the demand index (1 without one, and for organic media). A paid channel's size is stated by its ROAS:
the value lost if its spend in the window were zero, with what it carries in kept and what it carries out counted, is
:math:`\beta_c L_c(\alpha_c, k_c, n_c)`; so :math:`\beta_c = \mathrm{ROAS}_c \cdot \mathrm{spend}_c / L_c`. An organic
medium's size is stated by its share of the outcome in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from mmm.model.density import CollapsedDensity
from mmm.model.kernel import HILL, HILL_FREE, LOGISTIC
from mmm.model.likelihood import collapsed_log_density
from mmm.model.prepared import TAIL_WEEKS, Prepared
from mmm.model.spec import SaturationForm
from mmm.transforms import graph
from mmm.transforms.graph import Tensor

#: Prior standard deviation of the demand index's Fourier coefficients.
DEMAND_SCALE = 0.15
CODES = {SaturationForm.HILL: HILL, SaturationForm.HILL_FREE_SLOPE: HILL_FREE, SaturationForm.LOGISTIC: LOGISTIC}


@dataclass(frozen=True)
class _Parameters:
    """Media parameters inside the graph, (M,) each, and the demand coefficients, (D,)."""

    alpha: Tensor
    half: Tensor
    slope: Tensor
    demand: Tensor | None


def build_model(prepared: Prepared, *, plain: bool = False) -> pm.Model:
    """Build the model; data enter as shared variables, so that new data of the same shape needs no new graph.

    Parameters
    ----------
    prepared : Prepared
    plain : bool
        Spell the density out in PyTensor instead of the compiled kernel: the reference, slow to compile.
    """
    spec, panel = prepared.spec, prepared.panel
    coords = {
        "medium": list(spec.media),
        "channel": list(spec.channels),
        "organic": list(spec.organic),
        "geo": list(panel.geos),
        "free": [spec.media[i] for i in prepared.free_slope],
        "wave": list(range(prepared.demand_columns.shape[1])),
    }
    with pm.Model(coords={name: values for name, values in coords.items() if values}) as model:
        parameters = _shape_parameters(prepared)
        share = _shares(prepared)
        sigma = pm.HalfNormal("sigma", pm.Data("noise_scale", prepared.noise_scale), dims="geo")
        density = _plain_density if plain else _compiled_density
        pm.Potential("outcome", density(prepared, parameters, share, sigma))
    return model


def _target(prepared: Prepared) -> tuple[Tensor, Tensor, Tensor]:
    return (
        pm.Data("target", prepared.outcome - prepared.linear.offset()),
        pm.Data("linear_basis", prepared.linear.basis),
        pm.Data("linear_strength", prepared.linear.strength),
    )


def _plain_density(prepared: Prepared, parameters: _Parameters, share: Tensor, sigma: Tensor) -> Tensor:
    size, effect = _media(prepared, parameters)
    target, basis, strength = _target(prepared)
    residual = target - ((share / size)[:, None, None] * effect).sum(axis=0)
    return collapsed_log_density(residual, sigma, basis, strength, prepared.panel.n_weeks)


def _compiled_density(prepared: Prepared, parameters: _Parameters, share: Tensor, sigma: Tensor) -> Tensor:
    now, later = _demand(prepared, parameters)
    data = (
        pm.Data("form", np.array([CODES[form] for form in prepared.forms], dtype=np.int64)),
        pm.Data("media", prepared.media),
        pm.Data("initial", prepared.initial),
        pm.Data("credit", prepared.credit),
        pm.Data("tail_credit", prepared.tail_credit),
        *_target(prepared),
    )
    q = pt.ones(prepared.panel.n_weeks) if now is None else now
    q_tail = pt.ones(TAIL_WEEKS) if later is None else later
    op = CollapsedDensity(len(prepared.panel.channels))
    outputs: list[Tensor] = op.make_node(
        *data, q, q_tail, parameters.alpha, parameters.half, parameters.slope, share, sigma
    ).outputs
    return outputs[0]


def _shape_parameters(prepared: Prepared) -> _Parameters:
    """Retention, half-saturation, slope and demand."""
    priors = prepared.priors
    alpha = pm.Beta(
        "carryover",
        pm.Data("carryover_a", priors.carryover_a),
        pm.Data("carryover_b", priors.carryover_b),
        dims="medium",
    )
    half = pm.LogNormal(
        "half_saturation", pm.Data("half_mu", priors.half_mu), pm.Data("half_sigma", priors.half_sigma), dims="medium"
    )
    slope = pt.ones(len(prepared.forms))
    if prepared.free_slope:
        free = np.array(prepared.free_slope)
        learned = pm.LogNormal(
            "slope",
            pm.Data("slope_mu", priors.slope_mu[free]),
            pm.Data("slope_sigma", priors.slope_sigma[free]),
            dims="free",
        )
        slope = pt.set_subtensor(slope[free], learned)
    demand = pm.Normal("demand", 0.0, DEMAND_SCALE, dims="wave") if prepared.demand_columns.shape[1] else None
    return _Parameters(alpha, half, slope, demand)


def _media(prepared: Prepared, parameters: _Parameters) -> tuple[Tensor, Tensor]:
    """Return, for a size of one, each medium's share of the outcome's value, (M,), and its weekly effect, (M, G, T)."""
    panel = prepared.panel
    paid = len(panel.channels)
    media, initial = pm.Data("media", prepared.media), pm.Data("initial", prepared.initial)
    alpha = pt.repeat(parameters.alpha[:, None], len(panel.geos), axis=1)
    state = graph.geometric_adstock(media, alpha, initial, panel.n_weeks)
    effect = _saturate(prepared, state, parameters)
    carried_in = _saturate(prepared, graph.fading(initial, alpha, panel.n_weeks), parameters)
    after = _saturate(prepared, graph.fading(state[..., -1], alpha, TAIL_WEEKS), parameters)
    # What is left after the tail is in the curve's first, power-law part: a geometric series.
    ratio = pt.exp(pt.log(alpha) * parameters.slope[:, None])
    rest = after[..., -1] * ratio / (1.0 - ratio)
    now, later = _demand(prepared, parameters)
    if now is not None:
        effect = pt.concatenate([effect[:paid] * now, effect[paid:]])
        carried_in = pt.concatenate([carried_in[:paid] * now, carried_in[paid:]])
        after = pt.concatenate([after[:paid] * later, after[paid:]])
    credit, tail_credit = pm.Data("credit", prepared.credit), pm.Data("tail_credit", prepared.tail_credit)
    within = ((effect - carried_in) * credit).sum(axis=(1, 2))
    beyond = ((after.sum(axis=-1) + rest) * tail_credit).sum(axis=1)
    return within + beyond, effect


def _saturate(prepared: Prepared, state: Tensor, parameters: _Parameters) -> Tensor:
    """Apply each medium's own form to (M, G, N) adstock."""
    pieces, order = [], []
    for form in SaturationForm:
        chosen = [i for i, own in enumerate(prepared.forms) if own is form]
        if not chosen:
            continue
        index = np.array(chosen)
        u, half = state[index], parameters.half[index][:, None, None]
        if form is SaturationForm.HILL:
            pieces.append(graph.hill_unit_slope(u, half))
        elif form is SaturationForm.LOGISTIC:
            pieces.append(graph.logistic(u, half))
        else:
            pieces.append(graph.hill(u, half, parameters.slope[index][:, None, None]))
        order.extend(chosen)
    return pieces[0] if len(pieces) == 1 else pt.concatenate(pieces)[np.argsort(order)]


def _demand(prepared: Prepared, parameters: _Parameters) -> tuple[Tensor | None, Tensor | None]:
    """Return the demand index in the window, mean 1, and after it."""
    if parameters.demand is None:
        return None, None
    columns = pm.Data("demand_columns", prepared.demand_columns)
    later = pm.Data("demand_tail", prepared.demand_tail)
    level = pt.exp((columns * parameters.demand).sum(axis=-1))
    return level / level.mean(), pt.exp((later * parameters.demand).sum(axis=-1)) / level.mean()


def _shares(prepared: Prepared) -> Tensor:
    """Return every medium's share of the outcome's value, (M,), from ROAS and organic shares."""
    priors = prepared.priors
    roas = pm.LogNormal(
        "roas", pm.Data("roas_mu", priors.roas_mu), pm.Data("roas_sigma", priors.roas_sigma), dims="channel"
    )
    shares = roas * pm.Data("money_share", prepared.money_share)
    if not prepared.spec.organic:
        return shares
    organic = pm.LogNormal(
        "organic_share",
        pm.Data("organic_mu", priors.organic_mu),
        pm.Data("organic_sigma", priors.organic_sigma),
        dims="organic",
    )
    return pt.concatenate([shares, organic])
