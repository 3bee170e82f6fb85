"""A market in parts that go different ways: what each part answers, and how a change spreads from part to part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import MediaDraws, ResponseDraws
from simulations.future import Future, Part, Setting
from simulations.patch_base import Patch


def weighted(response: ResponseDraws, weight: FloatArray) -> ResponseDraws:
    """Return the response of a part of the market: base sales and media effects times the part's share of each geo.

    Parameters
    ----------
    response : ResponseDraws
    weight : (G,)
        0 to 1. Spend stays national, as if the whole market went the part's way; results of parts whose weights add up
        to 1 add up to the whole market's.
    """
    if (weight == 1).all():
        return response

    def part(media: MediaDraws) -> MediaDraws:
        return replace(media, beta=media.beta * weight[:, None])

    baseline = replace(response.baseline, coef=response.baseline.coef * weight[:, None])
    return replace(response, paid=part(response.paid), organic=part(response.organic), baseline=baseline)


def applied(patch: Patch, future: Future, setting: Setting) -> Future:
    """Apply a patch: to every part of a divided market, unless it is about the whole market.

    Parameters
    ----------
    patch : Patch
    future : Future
    setting : Setting

    Raises
    ------
    SpecError, DataError, InfeasibleError
        The patch cannot be applied.
    """
    if not future.parts or patch.whole_market:
        return patch.apply(future, setting)
    return divided([replace(part, future=patch.apply(part.future, setting)) for part in future.parts], setting)


def divided(parts: Sequence[Part], setting: Setting) -> Future:
    """Return the future of a market in parts.

    Parameters
    ----------
    parts : sequence of Part
        Their weights add up to 1 in each geo. The last part's supply, launches and other fields become the whole's.
    setting : Setting
    """
    last = parts[-1].future
    shares = setting.shares(last)
    spend = sum(((shares @ part.weight)[:, None] * part.future.spend for part in parts), np.zeros_like(last.spend))
    return replace(last, spend=spend, parts=tuple(parts)).noting(
        *(note for part in parts for note in part.future.notes)
    )
