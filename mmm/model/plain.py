"""The media in plain PyTensor: the reference that the compiled kernels are tested against."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt

from mmm.model.media_kernel import MARGIN
from mmm.model.prepared import TAIL_WEEKS, Prepared
from mmm.model.spec import SaturationForm
from mmm.model.terms import MediaData, Terms
from mmm.transforms import graph
from mmm.transforms.graph import Tensor


def plain_media(prepared: Prepared, terms: Terms, data: MediaData) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean (G, T), lift (J,) and the log of the marginal size (M,), formula by formula."""
    media = terms.media
    effect = _effect(prepared, terms, data, data.media)
    size = _size(prepared, terms, data, data.media)
    beta = (media.share / size)[:, None] * media.tilt
    mean = (beta[:, :, None] * effect).sum(axis=0)
    lifts = []
    for j, m in enumerate(prepared.tests.medium):
        having, without = (
            _effect(prepared, terms, data, pt.set_subtensor(data.media[int(m)], own[j]))[int(m)]
            for own in (data.test_base, data.test_media)
        )
        lifts.append((beta[int(m)][:, None] * data.test_weight[j] * (having - without)).sum())
    lift = pt.stack(lifts) if lifts else pt.zeros(0)
    more = _size(prepared, terms, data, data.media * (1.0 + MARGIN * (1.0 - data.unseen)))
    less = _size(prepared, terms, data, data.media * (1.0 - MARGIN * (1.0 - data.unseen)))
    return mean, lift, pt.log(media.share * (more - less) / size)


def _by_demand(prepared: Prepared, effect: Tensor, index: Tensor) -> Tensor:
    paid = len(prepared.spec.channels)
    return pt.concatenate([effect[:paid] * index, effect[paid:]])


def _effect(prepared: Prepared, terms: Terms, data: MediaData, media: Tensor) -> Tensor:
    """Return the weekly effect of a size of one, demand included, (M, G, T)."""
    state = graph.geometric_adstock(media, terms.media.alpha, data.initial, prepared.panel.n_weeks)
    return _by_demand(prepared, saturated(prepared, state, terms), terms.now)


def _size(prepared: Prepared, terms: Terms, data: MediaData, media: Tensor) -> Tensor:
    """Return each medium's share of the outcome's value at a size of one, (M,)."""
    alpha = terms.media.alpha
    weeks = prepared.panel.n_weeks
    state = graph.geometric_adstock(media, alpha, data.initial, weeks)
    kept = graph.geometric_adstock(data.media * data.unseen, alpha, data.initial, weeks)
    lost = saturated(prepared, state, terms) - saturated(prepared, kept, terms)
    after = saturated(prepared, graph.fading(state[..., -1], alpha, TAIL_WEEKS), terms)
    # What is left after the tail is in the curve's first, power-law part: a geometric series.
    ratio = pt.exp(pt.log(alpha) * terms.media.slope)
    rest = after[..., -1] * ratio / (1.0 - ratio)
    within = (_by_demand(prepared, lost, terms.now) * data.credit).sum(axis=2)
    beyond = (_by_demand(prepared, after, terms.later).sum(axis=-1) + rest) * data.tail_credit
    return ((within + beyond) * terms.media.tilt).sum(axis=1)


def saturated(prepared: Prepared, state: Tensor, terms: Terms) -> Tensor:
    """Apply each medium's own form to (M, G, N) adstock."""
    pieces, order = [], []
    for form in SaturationForm:
        chosen = [i for i, own in enumerate(prepared.forms) if own is form]
        if not chosen:
            continue
        index = np.array(chosen)
        u, half = state[index], terms.media.half[index][:, :, None]
        if form is SaturationForm.HILL:
            pieces.append(graph.hill_unit_slope(u, half))
        elif form is SaturationForm.LOGISTIC:
            pieces.append(graph.logistic(u, half))
        else:
            pieces.append(graph.hill(u, half, terms.media.slope[index][:, :, None]))
        order.extend(chosen)
    return pieces[0] if len(pieces) == 1 else pt.concatenate(pieces)[np.argsort(order)]
