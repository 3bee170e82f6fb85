r"""The PyMC model of a panel.

With outcome and media scaled (:mod:`mmm.model.prepared`), for medium *c*, geo *g* and week *t*

.. math::
    y_{gt} = \mathrm{linear}_{gt} + \sum_c \beta_{cg}\, q_t\, f(a_{cgt}; k_{cg}, n_{cg}) + \varepsilon_{gt},\qquad
    a_{cgt} = \alpha_{cg} a_{cg,t-1} + (1-\alpha_{cg}) x_{cgt}

where *q* is the demand index (1 without one, and for organic media) and the linear part that of
:mod:`mmm.model.linear`. A paid channel's size is stated by its ROAS, over all geos: the value lost if its spend in the
window were zero, with what it carries in kept and what it carries out counted, is
:math:`B_c \sum_g h_{cg} L_{cg}`, with :math:`\beta_{cg} = B_c h_{cg}` and *h* how geos differ; so
:math:`B_c = \mathrm{ROAS}_c \cdot \mathrm{spend}_c / \sum_g h_{cg} L_{cg}`. An organic medium's size is stated by its
share of the outcome in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from mmm.model.density import CollapsedDensity
from mmm.model.distributions import Parameter
from mmm.model.form import Form
from mmm.model.general import general_likelihood
from mmm.model.kernel import kernel_address
from mmm.model.linear import LEVEL
from mmm.model.media_priors import Maker, makers_of, random_media
from mmm.model.plain import plain_media
from mmm.model.prepared import TAIL_WEEKS, Prepared, packed
from mmm.model.spreads import DEMAND_SCALE, WEEK_SPREAD
from mmm.model.terms import Terms
from mmm.transforms.graph import Tensor

#: A term added to the mean: takes the prepared panel, makes its own random variables in the model's context, and
#: returns (G, T) scaled outcome units.
CustomTerm = Callable[[Prepared], Tensor]


def build_model(
    prepared: Prepared,
    form: Form = Form.FAST,
    *,
    own_priors: Mapping[tuple[Parameter, str], Maker] | None = None,
    custom_term: CustomTerm | None = None,
) -> pm.Model:
    """Build the model; data enter as shared variables, so that other data of the same structure need no new graph.

    Parameters
    ----------
    prepared : Prepared
    form : Form
    own_priors : Mapping
        (parameter, medium) → a function that makes its random variable, of the given name, in the model's context.
    custom_term : callable
        See :data:`CustomTerm`; not in the fast form.

    Raises
    ------
    ValueError
        A custom term in the fast form.
    """
    if custom_term is not None and form is Form.FAST:
        raise ValueError("a custom term needs the general form")
    with pm.Model(coords=_coords(prepared)) as model:
        terms = _terms(prepared, own_priors)
        if form is Form.FAST:
            _fast_likelihood(prepared, terms)
        else:
            extra = custom_term(prepared) if custom_term is not None else None
            general_likelihood(prepared, terms, plain_media if form is Form.PLAIN else None, extra)
    return model


def _coords(prepared: Prepared) -> dict[str, list[object]]:
    spec = prepared.spec
    coords: dict[str, list[object]] = {
        "medium": list(spec.media),
        "channel": list(spec.channels),
        "organic": list(spec.organic),
        "geo": list(prepared.panel.geos),
        "free": [spec.media[i] for i in prepared.free_slope],
        "wave": list(range(prepared.demand_columns.shape[1])),
        "signed": [prepared.panel.control_names[control.index] for control in prepared.priors.signed_controls],
    }
    return {name: values for name, values in coords.items() if values}


def _terms(prepared: Prepared, own_priors: Mapping[tuple[Parameter, str], Maker] | None) -> Terms:
    """Make every random variable but those that the fast form integrates out."""
    media = random_media(prepared, makers_of(prepared, own_priors))
    noise_scale = pm.Data("noise_scale", prepared.noise_scale)
    sigma = pm.HalfNormal("sigma", noise_scale, dims="geo")
    linear = prepared.linear
    deviation = pm.HalfNormal("deviation", 0.5) if linear.own else pt.constant(0.0)
    sd = pm.Data("prior_sd", linear.prior_sd)
    if linear.wander:
        amplitude = pm.HalfNormal("wander", 0.5)
        flexible = np.zeros(len(linear.names), dtype=bool)
        flexible[list(linear.wander)] = True
        sd = sd * pt.switch(pm.Data("flexible", flexible.astype(np.float64)) > 0, amplitude, 1.0)
    target = pm.Data("target", prepared.outcome - LEVEL)
    if len(prepared.signed):
        target = target - _signed_controls(prepared)
    shock = pm.HalfNormal("week_spread", WEEK_SPREAD) if prepared.week_shocks else pt.constant(0.0)
    now, later = _demand(prepared)
    return Terms(media, sigma, deviation, sd, target, now, later, shock)


def _signed_controls(prepared: Prepared) -> Tensor:
    """Controls whose sign is stated: sign × size × control, with a log-normal size, (G, T)."""
    stated = prepared.priors.signed_controls
    size = pm.LogNormal(
        "control_size",
        pm.Data("control_mu", np.array([control.mu for control in stated])),
        pm.Data("control_sigma", np.array([control.sigma for control in stated])),
        dims="signed",
    )
    signs = pm.Data("control_sign", np.array([control.sign for control in stated]))
    return ((size * signs)[:, None, None] * pm.Data("signed_controls", prepared.signed)).sum(axis=0)


def _demand(prepared: Prepared) -> tuple[Tensor, Tensor]:
    """Return the demand index in the window, mean 1, and after it."""
    columns = prepared.demand_columns
    if not columns.shape[1]:
        return pm.Data("even", np.ones(prepared.panel.n_weeks)), pm.Data("even_tail", np.ones(TAIL_WEEKS))
    waves = pm.Normal("demand", 0.0, DEMAND_SCALE, dims="wave")
    level = pt.exp((pm.Data("demand_columns", columns) * waves).sum(axis=-1))
    later = pt.exp((pm.Data("demand_tail", prepared.demand_tail) * waves).sum(axis=-1))
    return level / level.mean(), later / level.mean()


def _fast_likelihood(prepared: Prepared, terms: Terms) -> None:
    """Enter the collapsed likelihood: one Op."""
    media = terms.media
    node = CollapsedDensity().make_node(
        pm.Data("kernel", float(kernel_address(shocks=prepared.week_shocks))), pm.Data("panel", packed(prepared)),
        terms.target, terms.now, terms.later, media.theta, media.share, terms.sigma, terms.deviation, terms.sd,
        terms.shock,
    )  # fmt: skip
    pm.Potential("outcome", node.outputs[0])
