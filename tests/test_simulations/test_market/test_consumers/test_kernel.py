"""Steps move people: nobody is lost or made, and what the compiled loops do is what the formula says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.market.consumers.kernel import Cause, Kernel, Reach, Step, apply_step, count_by
from simulations.market.consumers.states import AXES, SHAPE, STATES, Axis, case_of, level_of, sizes

_FEW = settings(max_examples=25, deadline=None)


def draw_step(rng, columns: int, kernels: int) -> Step:
    """Random kernels given random axes, and a random reach."""
    made = []
    for _ in range(kernels):
        axis = AXES[rng.integers(len(AXES))]
        levels = sizes((axis,))[0]
        given_axes = tuple(other for other in AXES if other != axis and rng.random() < 0.3)
        shape = (columns if rng.random() < 0.5 else 1, *sizes(given_axes), levels)
        made.append(Kernel(axis, given_axes, rng.dirichlet(np.ones(levels), shape)))
    reached = tuple(axis for axis in AXES if rng.random() < 0.3)
    share = rng.random((columns, *sizes(reached)))
    return Step("any", Cause.PAID, tuple(made), Reach(reached, share, 1.0 + share))


@_FEW
@given(seed=st.integers(0, 10**6), columns=st.integers(1, 3))
def test_nobody_is_lost_or_made(seed, columns):
    rng = np.random.default_rng(seed)
    step = draw_step(rng, columns, kernels=3)
    step.check()
    people = rng.random((columns, STATES)) * (rng.random((columns, STATES)) < 0.3)
    before = people.sum(axis=1)
    apply_step(people, step)
    assert people.min() >= 0
    np.testing.assert_allclose(people.sum(axis=1), before, rtol=1e-12)


@_FEW
@given(seed=st.integers(0, 10**6))
def test_the_compiled_step_is_reach_times_matrix_plus_the_rest(seed):
    """Brute force: every state's mass goes where the kernel says, written out state by state."""
    rng = np.random.default_rng(seed)
    step = draw_step(rng, 2, kernels=2)
    people = rng.random((2, STATES))
    expected = np.zeros_like(people)
    for column in range(2):
        chances = step.reach.chances(np.arange(STATES), np.full(STATES, column))
        moved = people[column] * chances
        for kernel in step.kernels:
            moved = _by_hand(moved, kernel, column)
        expected[column] = people[column] * (1 - chances) + moved
    apply_step(people, step)
    np.testing.assert_allclose(people, expected, rtol=1e-12, atol=1e-15)


def _by_hand(mass, kernel, column):
    states = np.arange(STATES)
    rows = kernel.rows(states, np.full(STATES, column))
    result = np.zeros(STATES)
    where = np.array(np.unravel_index(states, SHAPE))
    for level in range(rows.shape[1]):
        there = where.copy()
        there[AXES.index(kernel.axis)] = level
        np.add.at(result, np.ravel_multi_index(there, SHAPE), mass * rows[:, level])
    return result


def test_several_kernels_of_a_step_move_the_same_people():
    """Half are reached; all of them both change what they think and start to explore, and nobody does one alone."""
    people = np.zeros((1, STATES))
    people[0, 0] = 100.0
    up = np.eye(5)
    up[0] = np.eye(5)[2]
    explore = np.eye(5)
    explore[0] = np.eye(5)[1]
    kernels = (Kernel(Axis.FAVOURABILITY, (), up[None]), Kernel(Axis.ACTIVITY, (), explore[None]))
    apply_step(people, Step("tv", Cause.PAID, kernels, Reach((), np.array([0.5]), np.array([1.0]))))
    table = count_by(people, Axis.ACTIVITY, Axis.FAVOURABILITY)[0]
    assert table[0, 0] == 50.0
    assert table[1, 2] == 50.0
    assert table.sum() == 100.0


def test_counting_by_axes_agrees_with_the_states_levels():
    people = np.random.default_rng(1).random((2, STATES))
    table = count_by(people, Axis.MARKET, Axis.LOYALTY)
    for market in range(2):
        for loyalty in range(3):
            there = (level_of(Axis.MARKET) == market) & (level_of(Axis.LOYALTY) == loyalty)
            np.testing.assert_allclose(table[:, market, loyalty], people[:, there].sum(axis=1))
    np.testing.assert_array_equal(case_of((Axis.MARKET, Axis.LOYALTY)).max(), 5)


@pytest.mark.parametrize(
    ("kernel", "says"),
    [
        (Kernel(Axis.MARKET, (), np.array([[[0.5, 0.6], [0.0, 1.0]]])), "row-stochastic"),
        (Kernel(Axis.MARKET, (), np.eye(3)[None]), "shape"),
        (Kernel(Axis.MARKET, (Axis.MARKET,), np.eye(2)[None, None].repeat(2, 1)), "cannot be given"),
        (Kernel(Axis.MARKET, (Axis.LOYALTY, Axis.ACTIVITY), np.eye(2)[None]), "order"),
    ],
)
def test_a_kernel_that_could_lose_people_is_refused(kernel, says):
    with pytest.raises(ValueError, match=says):
        kernel.check()


def test_a_reach_above_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Reach((), np.array([1.2]), np.array([1.0])).check()
