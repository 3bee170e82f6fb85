"""One market, one form: fit, compare with the truth, plan, replay; and what a stack needs of it later."""

from __future__ import annotations

import os
import time
from typing import Any

import cvxpy.error
import numpy as np

from benchmarks.model.cells import Store
from benchmarks.model.defaults.candidates import merge, overlay
from benchmarks.model.defaults.markets import StudyMarket, study_market
from benchmarks.model.mechanism import WEEK
from benchmarks.model.posterior_figures import channel_figures
from benchmarks.model.replay import CHANGE, HORIZON, Replay
from mmm.arrays import FloatArray
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import BaselineDraws, MediaDraws, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis

#: Draws of each fit that plans and stacks use.
KEPT = 800
#: Seconds after which a plan's search ends.
PLAN_SECONDS = 3.0
_ARRAYS = ("alpha", "half_saturation", "slope", "beta")


def fit_cell(number: int, form: str, store: Store) -> dict[str, Any]:
    """Fit a market with a form and keep its figures (JSON) and draws (npz)."""
    from mmm import ModelSpec, fit_model
    from mmm.model.diagnostics import judge
    from mmm.model.loo import leave_one_out, pointwise
    from mmm.model.verdict import decide

    study = study_market(number)
    settings = merge(study.market.settings(), {"sampling": {"cores": 1}})
    spec = ModelSpec.model_validate(merge(settings, overlay(form)))
    started = time.perf_counter()
    fit = fit_model(spec, study.market.panel(), seed=number, progress=False)
    fitted = time.perf_counter() - started
    truth, found = study.market.roas, fit.diagnostics
    row: dict[str, Any] = {
        **about(study),
        "form": form,
        "channels": {name: channel_figures(fit.roas[i], truth[name]) for i, name in enumerate(fit.response.channels)},
        "max_rhat": found.max_rhat,
        "min_ess": min(found.min_ess_bulk, found.min_ess_tail),
        "divergent": found.divergences / max(found.draws, 1),
        "verdict": str(decide(judge(found)).outcome),
        "seconds": fitted,
        "seconds_sampling": fit.seconds_sampling,
        "seconds_compiling": fit.seconds_compiling,
    }
    loo = leave_one_out(pointwise(fit.response, max_cells=1000 * fit.response.n_weeks))
    row |= {"elpd": loo.total, "pareto_k": float(loo.pareto_k.max())}
    response = thinned(fit.response)
    started = time.perf_counter()
    try:
        spend, claimed = plan_of(response)
    except cvxpy.error.SolverError as error:
        # No plan came: business as usual goes on, and the row says why.
        spend, claimed = Replay.of(study.market).baseline, None
        row["no_plan"] = str(error).split(".")[0]
    row |= {"plan": replayed(study, spend) | {"claimed_uplift": claimed, "seconds": time.perf_counter() - started}}
    keep_draws(store, f"{number}_{slug(form)}", response, {"roas": fit.roas, "elpd": loo.elpd, "plan": spend})
    return row


def about(study: StudyMarket) -> dict[str, Any]:
    """Return what a table groups markets by."""
    design = study.design
    return {
        "market": design.number,
        "family": design.family.value,
        "weeks": design.n_weeks,
        "wanders": design.wanders,
        "r2": study.r2,
        "noise_persistence": study.noise_persistence,
    }


def slug(form: str) -> str:
    """Return a form's name as part of a file's."""
    return "".join(letter if letter.isalnum() or letter in "+_" else "-" for letter in form)


def thinned(response: ResponseDraws) -> ResponseDraws:
    """Keep every so many draws, alike in every chain."""
    return response.select(np.arange(0, response.n_draws, max(response.n_draws // KEPT, 1)))


def replayed(study: StudyMarket, spend: FloatArray) -> dict[str, Any]:
    """Return what a plan, (C, 13), is truly worth, and business as usual beside it."""
    replay = Replay.of(study.market)
    return {"value": replay.value(spend), "baseline_value": replay.value(replay.baseline)}


def plan_of(response: ResponseDraws) -> tuple[FloatArray, dict[str, float]]:
    """Return the optimiser's plan, (C, 13), at the last weeks' budget with totals ±30 %, and its claimed uplift."""
    from optimizer import AllocationProblem, Budget, ChangeVsBaseline, allocate

    calendar = business_as_usual(response, response.weeks[-1] + WEEK, HORIZON, BaselineRule.LAST_WEEKS)
    problem = AllocationProblem(
        horizon=HorizonResponse(response.planning(), calendar),
        held_back=HorizonResponse(response.held_back(), calendar),
        constraints=(Budget(float(calendar.baseline.sum())), ChangeVsBaseline(None, CHANGE)),
        observed_max=response.observed_max(),
    )
    plan = allocate(problem, gap=1e-3, time_limit=PLAN_SECONDS)
    return plan.spend, plan.uplift.as_dict()


def keep_draws(store: Store, name: str, response: ResponseDraws, own: dict[str, FloatArray]) -> None:
    """Write what a stack needs: ROAS draws, leave-one-out density of each week and plan, and thinned media draws."""
    own["roas"] = own["roas"][:, :: max(own["roas"].shape[1] // KEPT, 1)].astype(np.float32)
    arrays = {key: getattr(response.paid, key)[:, 0].astype(np.float32) for key in _ARRAYS}
    forms = np.array([str(form) for form in response.paid.saturation])
    partial = store.path(name, f".{os.getpid()}.partial.npz")
    np.savez_compressed(partial, chain=response.chain, forms=forms, **own, **arrays)
    partial.replace(store.path(name, ".npz"))


def kept_response(study: StudyMarket, arrays: dict[str, FloatArray]) -> ResponseDraws:
    """Return kept draws as a response that plans can be made on; its baseline is nothing."""
    panel = study.market.panel()
    draws = len(arrays["chain"])
    empty = np.empty((0, 1, panel.n_weeks))
    none = np.empty((0, 1, draws))

    def wide(key: str) -> FloatArray:
        values = np.asarray(arrays[key], dtype=np.float64)[:, None]
        # Single precision must not turn a slope of one into another.
        return np.where(np.abs(values - 1.0) < 1e-6, 1.0, values) if key == "slope" else values

    forms = tuple(Saturation(str(form)) for form in arrays["forms"])
    basis = TimeBasis.fit_window(panel.weeks, fourier_order=0, trend=False)
    flat = np.zeros((0, 1))
    return ResponseDraws(
        weeks=panel.weeks,
        geos=panel.geos,
        outcome_name=panel.outcome_name,
        outcome_is_money=True,
        currency=panel.currency,
        outcome=panel.outcome,
        value_per_outcome=panel.value_per_outcome,
        spend=panel.spend,
        paid=MediaDraws(panel.channels, panel.exposure, forms, *(wide(key) for key in _ARRAYS)),
        organic=MediaDraws((), empty, (), none, none, none, none),
        baseline=BaselineDraws(basis, (), empty, flat, flat, np.zeros((1, 1, draws)), np.ones((1, draws))),
        demand=None,
        chain=arrays["chain"],
    )
