"""What every method must do, and what each is by its definition."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mmm.exceptions import SpecError
from simulations.market.attribution.methods import Method, attribute
from simulations.market.attribution.paths import Paths
from simulations.market.attribution.removal import chain_of, removal_effects
from simulations.market.attribution.rules import position_based
from simulations.market.attribution.shapley import (
    rate_worth,
    shapley_credit,
    shapley_rate_credit,
    shapley_values,
)
from tests.test_simulations.test_market.test_attribution.journeys import JOURNEYS, PATHS, paths_of


@given(PATHS)
@settings(max_examples=60, deadline=None)
def test_every_method_credits_what_was_sold_with_a_touch(paths: Paths) -> None:
    for method, credit in attribute(paths).items():
        assert credit.sum() == pytest.approx(paths.total, abs=1e-8), method
        if method is not Method.SHAPLEY_RATE:
            assert credit.min() >= 0, method


@given(PATHS)
@settings(max_examples=40, deadline=None)
def test_a_channel_that_nobody_met_gets_nothing(paths: Paths) -> None:
    """The null player's law; ``z`` is in no journey."""
    wider = Paths((*paths.channels, "z"), paths.touches, paths.starts, paths.converted, paths.value)
    for method, credit in attribute(wider).items():
        assert credit[-1] == pytest.approx(0.0, abs=1e-9), method
        assert credit[:-1] == pytest.approx(attribute(paths, [method])[method], abs=1e-8), method


@given(JOURNEYS, st.permutations("abcd"))
@settings(max_examples=40, deadline=None)
def test_names_of_channels_do_not_matter(journeys: list[tuple[str, float | None]], renamed: list[str]) -> None:
    before = attribute(paths_of(journeys, "abcd"))
    table = str.maketrans("abcd", "".join(renamed))
    after = attribute(paths_of([(path.translate(table), money) for path, money in journeys], "abcd"))
    order = ["abcd".index(letter) for letter in renamed]
    for method, credit in before.items():
        assert after[method][order] == pytest.approx(credit, abs=1e-7), method


def test_the_rules_by_hand() -> None:
    paths = paths_of([("abca", 10.0), ("b", 4.0), ("cb", None), ("ab", 6.0)], scale=2.0, untouched=99.0)
    credit = attribute(paths)
    assert credit[Method.LAST] == pytest.approx([20, 20, 0])
    assert credit[Method.FIRST] == pytest.approx([32, 8, 0])
    assert credit[Method.LINEAR] == pytest.approx([2 * (5 + 3), 2 * (2.5 + 4 + 3), 5])
    assert position_based(paths) == pytest.approx([2 * (8 + 3), 2 * (1 + 4 + 3), 2])
    assert credit[Method.SHAPLEY] == pytest.approx([2 * (10 / 3 + 3), 2 * (10 / 3 + 4 + 3), 2 * 10 / 3])


def test_removal_effect_of_a_chain_solved_by_hand() -> None:
    """Start → a (2/3), b (1/3); a → b (1/2), purchase (1/2); b → purchase (1/2), nothing (1/2)."""
    paths = paths_of([("a", 1.0), ("ab", 1.0), ("b", None)])
    assert chain_of(paths).conversion() == pytest.approx(2 / 3)
    assert removal_effects(paths) == pytest.approx([1 - (1 / 6) / (2 / 3), 1 - (1 / 3) / (2 / 3)])


@given(PATHS, st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_chain_of_counts_keeps_the_share_that_bought(paths: Paths, order: int) -> None:
    assert chain_of(paths, order).conversion() == pytest.approx(paths.converted.mean(), abs=1e-10)


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=4), st.booleans()), min_size=1, max_size=15))
@settings(max_examples=40, deadline=None)
def test_a_chain_that_remembers_all_loses_the_purchases_that_met_the_channel(told: list[tuple[str, bool]]) -> None:
    journeys = [(path, 1.0 if bought else None) for path, bought in told]
    assume(any(bought for _, bought in told))
    paths = paths_of(journeys, "abc")
    met = [np.mean([letter in path for path, money in journeys if money is not None]) for letter in paths.channels]
    assert removal_effects(paths, order=4) == pytest.approx(met, abs=1e-10)


def test_a_chain_walks_as_simulated_journeys_do() -> None:
    """The chain's loss without a channel against random walks that stop at it."""
    rng = np.random.default_rng(3)
    journeys = [
        ("".join(rng.choice(list("abc"), rng.integers(1, 5))), 1.0 if rng.random() < 0.4 else None) for _ in range(60)
    ]
    paths = paths_of(journeys, "abc")
    chain = chain_of(paths)
    onward = chain.onward.toarray()
    walks, bought = 20_000, 0
    for _ in range(walks):
        state = rng.choice(len(chain.start), p=chain.start)
        while chain.channel[state] != 1:
            step = rng.choice(
                len(chain.start) + 2, p=[*onward[state], chain.purchase[state], _rest(chain, onward, state)]
            )
            if step >= len(chain.start):
                bought += step == len(chain.start)
                break
            state = step
    expected = chain.conversion(without=1)
    assert bought / walks == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / walks))


def _rest(chain, onward, state) -> float:
    return max(0.0, 1.0 - onward[state].sum() - chain.purchase[state])


@given(st.integers(1, 5), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_shapley_values_are_the_mean_over_all_orders(players: int, seed: int) -> None:
    worth = np.random.default_rng(seed).normal(size=1 << players)
    mean = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        joined = 0
        for player in order:
            mean[player] += worth[joined | (1 << player)] - worth[joined]
            joined |= 1 << player
    values = shapley_values(worth)
    assert values == pytest.approx(mean / len(orders), abs=1e-10)
    assert values.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-10)


@given(PATHS)
@settings(max_examples=40, deadline=None)
def test_the_closed_form_is_the_shapley_value_of_the_game(paths: Paths) -> None:
    """A coalition is worth what journeys within it sold, summed by brute force."""
    worth = np.zeros(1 << len(paths.channels))
    rates = np.zeros_like(worth)
    sets = [frozenset(paths.touches[a:b]) for a, b in zip(paths.starts[:-1], paths.starts[1:], strict=True)]
    for coalition in range(len(worth)):
        members = {c for c in range(len(paths.channels)) if coalition >> c & 1}
        inside = [j for j, met in enumerate(sets) if met <= members]
        worth[coalition] = paths.value[inside].sum()
        rates[coalition] = paths.value[inside].mean() if inside else 0.0
    assert shapley_credit(paths) == pytest.approx(shapley_values(worth), abs=1e-8)
    assert rate_worth(paths) == pytest.approx(rates, abs=1e-10)


def test_rates_see_that_a_channel_keeps_nobody() -> None:
    """Journeys with ``b`` end in a purchase less often: the rule credits it, the rates take money from it."""
    paths = paths_of([("a", 1.0)] * 8 + [("a", None)] * 2 + [("ab", 1.0)] * 2 + [("ab", None)] * 8)
    assert shapley_credit(paths)[1] == pytest.approx(1.0)
    assert shapley_rate_credit(paths)[1] < 0


def test_too_many_channels_for_rates_are_refused_in_a_sentence() -> None:
    names = tuple(f"c{number}" for number in range(17))
    paths = Paths(names, np.array([0]), np.array([0, 1]), np.array([True]), np.array([1.0]))
    with pytest.raises(SpecError, match="at most 16 channels, and there are 17"):
        attribute(paths)


def test_a_chain_remembers_one_to_four_touches() -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        chain_of(paths_of([("a", 1.0)]), order=5)


@pytest.mark.parametrize(
    ("starts", "converted", "value"),
    [
        ([0, 2], [True, False], [1.0, 0.0]),
        ([0, 1, 1, 2], [True] * 3, [1.0] * 3),
        ([0, 1, 2], [True, False], [1.0, 2.0]),
    ],
)
def test_paths_that_do_not_fit_together_are_refused(starts, converted, value) -> None:
    with pytest.raises(ValueError, match="journey"):
        Paths(("a",), np.array([0, 0]), np.array(starts), np.array(converted), np.array(value))
