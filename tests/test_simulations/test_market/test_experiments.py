"""Experiments change what is spent, and the company's estimate of them is honest about its error."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.data import read_panel
from mmm.exceptions import SpecError
from mmm.model.spec import ModelSpec
from simulations.market import assign_experiment, preset, simulate_market
from simulations.market.experiments import GeoExperiment, PeopleExperiment
from simulations.market.files import write_data, write_model, write_tests
from simulations.market.truth import truth_json

from .worlds import one_channel, small_world

HOLDOUT = {"kind": "geo", "name": "holdout", "channel": "tv", "start": "2025-10-06", "weeks": 6, "measured_weeks": 3}
STUDY = {"kind": "people", "name": "study", "channel": "tv", "start": "2025-10-06", "weeks": 6, "error": 0.2}
GEOS = {"count": 10, "spend": 0.2, "moves": 0.1}


@pytest.fixture(scope="module")
def market():
    return simulate_market(one_channel({"roas": 3.0, "adstock": 0.3}, geos=GEOS, noise={"sd": 0.01}))


def test_a_holdout_takes_the_money_away_where_and_when_it_runs(market):
    run = assign_experiment(market, GeoExperiment(**HOLDOUT), 1)
    chosen = np.array([geo in run.test.geos for geo in market.geos])
    first = int(np.flatnonzero(market.weeks == np.datetime64("2025-10-06"))[0])
    before, after = market.spend_by_geo[0], run.market.spend_by_geo[0]
    assert chosen.sum() == 3
    assert (after[chosen, first : first + 6] == 0).all()
    assert after[~chosen] == pytest.approx(before[~chosen])
    assert np.delete(after[chosen], range(first, first + 6), axis=1) == pytest.approx(
        np.delete(before[chosen], range(first, first + 6), axis=1)
    )
    assert run.test.spend_change == pytest.approx((after - before).sum(), abs=0.01)
    lost = (run.market.outcome_under({}) - market.outcome_under({}))[chosen, first : first + 9].sum()
    assert run.test.true_lift == pytest.approx(lost)
    assert lost < 0
    assert run.market.frame["tv_spend"].sum() < market.frame["tv_spend"].sum()


def test_estimates_scatter_around_the_truth_as_their_errors_say(market):
    z, runs = [], 0
    for seed in range(60):
        drawn = simulate_market(market.world, seed)
        for change in (-1.0, 1.5):
            run = assign_experiment(drawn, GeoExperiment(**HOLDOUT, change=change), seed)
            z.append((run.test.lift - run.test.true_lift) / run.test.standard_error)
            runs += 1
    assert np.mean(z) == pytest.approx(0.0, abs=4 * np.std(z) / np.sqrt(runs))
    # Demand of a geo wanders, and the error says so.
    assert np.std(z) == pytest.approx(1.0, abs=0.25)


def test_a_study_of_people_leaves_the_spend_and_errs_as_it_says():
    market = simulate_market(one_channel())
    runs = [assign_experiment(market, PeopleExperiment(**STUDY), seed) for seed in range(200)]
    first = int(np.flatnonzero(market.weeks == np.datetime64("2025-10-06"))[0])
    spend = market.spend[0].copy()
    spend[first : first + 6] = 0.0
    true = (market.outcome_under({}) - market.outcome_under({"tv": spend}))[0, first : first + 8].sum()
    assert runs[0].market is market
    assert runs[0].test.true_lift == pytest.approx(true)
    assert runs[0].test.standard_error == pytest.approx(0.2 * true, rel=1e-6)
    z = np.array([(run.test.lift - true) / run.test.standard_error for run in runs])
    assert abs(z.mean()) < 4 / np.sqrt(200)
    assert z.std() == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize(
    ("world", "changes", "says"),
    [
        (one_channel(), HOLDOUT, "this one is national"),
        (one_channel(geos=GEOS), HOLDOUT | {"geos": ["moon"]}, "no geo 'moon'"),
        (one_channel(geos=GEOS), HOLDOUT | {"geos": [f"geo_{n}" for n in range(1, 11)]}, "no geo is left"),
        (one_channel(geos=GEOS), HOLDOUT | {"start": "2025-10-07"}, "starts on 2025-10-07, within a week.*2025-10-06"),
        (one_channel(geos=GEOS), HOLDOUT | {"start": "2027-10-04"}, "outside the data's weeks"),
        (one_channel(geos=GEOS), HOLDOUT | {"weeks": 80}, "takes 80 weeks .* the data have 60"),
        (one_channel(geos=GEOS), HOLDOUT | {"start": "2025-01-13"}, "learned from 12"),
        (one_channel(geos=GEOS), HOLDOUT | {"change": 0.0}, "changes no money"),
    ],
)
def test_what_cannot_be_tried_is_said(world, changes, says):
    with pytest.raises(SpecError, match=says):
        assign_experiment(simulate_market(world), GeoExperiment(**changes), 1)


def test_a_channel_that_is_not_there_is_named(market):
    with pytest.raises(SpecError, match="no channel 'tvv'"):
        assign_experiment(market, PeopleExperiment(**STUDY | {"channel": "tvv"}), 1)


def test_the_company_can_read_its_experiments(tmp_path):
    market = simulate_market(preset("geo_experiments"))
    write_data(market, tmp_path)
    write_model(market, tmp_path)
    write_tests(market.lift_tests, tmp_path)
    panel = read_panel(ModelSpec.from_yaml(tmp_path / "model.yaml"), tmp_path)
    assert panel.geos == tuple(sorted(market.geos)) or set(panel.geos) == set(market.geos)
    for read, made in zip(panel.lift_tests, market.lift_tests, strict=True):
        assert (read.name, read.channel, set(read.geos)) == (made.name, made.channel, set(made.geos))
        assert (read.start, read.end, read.measured_to) == (made.start, made.end, made.measured_to)
        assert read.lift == pytest.approx(made.lift, rel=1e-8)
        assert read.standard_error == pytest.approx(made.standard_error, rel=1e-8)
        assert read.spend_change == pytest.approx(made.spend_change)
    written = truth_json(market)["experiments"]
    assert set(written) == {"TV holdout", "social pulse", "search study"}
    assert written["TV holdout"]["true_lift"] < 0 < written["social pulse"]["true_lift"]


def test_two_experiments_need_two_names():
    with pytest.raises(ValueError, match="two experiments are called"):
        small_world(experiments=[STUDY, STUDY])
