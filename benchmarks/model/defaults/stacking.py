"""Several forms together: their weights, the mixture's ROAS draws, a plan for the mixture's mean response.

Forms of different saturation cannot stand in one response, so that the mixture is planned for here.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.model.ascent import COARSE, climb
from benchmarks.model.cells import Store
from benchmarks.model.defaults.candidates import Stack
from benchmarks.model.defaults.fitting import about, kept_response, replayed, slug
from benchmarks.model.defaults.markets import StudyMarket, study_market
from benchmarks.model.mechanism import WEEK
from benchmarks.model.posterior_figures import channel_figures
from benchmarks.model.replay import HORIZON, Replay
from mmm.arrays import FloatArray
from mmm.model.stack import stacking_weights
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import ResponseDraws
from mmm.response.horizon import HorizonResponse

#: Draws of the mixture.
DRAWS = 2000
#: Draws of each member that the mixture's plan is chosen on.
PLANNED = 250


def stack_cell(number: int, stack: Stack, store: Store) -> dict[str, Any]:
    """Return a stack's figures of one market from its members' kept draws."""
    study = study_market(number)
    rows = [store.read(f"{number}_{slug(form)}") for form in stack.members]
    kept = [dict(np.load(store.path(f"{number}_{slug(form)}", ".npz"))) for form in stack.members]
    weights = np.full(len(kept), 1.0 / len(kept))
    if stack.by_loo:
        weights = stacking_weights(np.stack([one["elpd"] for one in kept]))
    counts = np.maximum(np.round(DRAWS * weights), 0).astype(int)
    mixed = np.concatenate(
        [_spread(one["roas"], count) for one, count in zip(kept, counts, strict=True) if count], axis=1
    )
    truth, members = study.market.roas, [row for row in rows if row is not None]
    return {
        **about(study),
        "form": stack.name,
        "weights": weights.tolist(),
        "channels": {name: channel_figures(mixed[i], true) for i, (name, true) in enumerate(truth.items())},
        "max_rhat": max(row["max_rhat"] for row in members),
        "min_ess": min(row["min_ess"] for row in members),
        "divergent": max(row["divergent"] for row in members),
        "verdict": max((row["verdict"] for row in members), key=("passes", "warns", "fails").index),
        "seconds": sum(row["seconds"] for row in members),
        "seconds_sampling": sum(row["seconds_sampling"] for row in members),
        **_planned(study, kept, weights),
    }


def _spread(draws: FloatArray, count: int) -> FloatArray:
    """Take ``count`` draws evenly, repeating where there are fewer."""
    return draws[:, np.arange(count) * draws.shape[1] // count]


def _planned(study: StudyMarket, kept: list[dict[str, FloatArray]], weights: FloatArray) -> dict[str, Any]:
    """Plan on the mixture's mean response, from the members' plans and business as usual."""
    started = time.perf_counter()
    replay = Replay.of(study.market)
    chosen = [(w, one) for w, one in zip(weights, kept, strict=True) if w > 0.01]
    responses = [(w, _horizon(kept_response(study, one).planning())) for w, one in chosen]

    def values(plans: FloatArray) -> FloatArray:
        return np.array([sum(w * response.evaluate(plan).value for w, response in responses) for plan in plans])

    def gradient(plan: FloatArray) -> FloatArray:
        found = [(w, response.evaluate(plan, order=1).gradient) for w, response in responses]
        return np.asarray(sum(w * slope for w, slope in found if slope is not None))

    starts = np.stack([replay.baseline, *(one["plan"] for _, one in chosen)])
    best = starts[int(np.argmax(values(starts)))]
    if len(responses) > 1:
        best, _ = climb(values, gradient, replay.limits, [best], iterations=5, steps=COARSE)
    return {"plan": replayed(study, best) | {"claimed_uplift": None, "seconds": time.perf_counter() - started}}


def _horizon(response: ResponseDraws) -> HorizonResponse:
    few = response.select(np.arange(0, response.n_draws, max(response.n_draws // PLANNED, 1)))
    return HorizonResponse(few, business_as_usual(few, few.weeks[-1] + WEEK, HORIZON, BaselineRule.LAST_WEEKS))
