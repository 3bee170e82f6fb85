"""Single persons moved by the steps of the market: what the aggregate multiplies, a person draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from simulations.market.consumers.kernel import Kernel, Step
from simulations.market.consumers.states import STATES, Activity, Axis, case_of, level_of, stride_of
from simulations.market.journeys.draws import move
from simulations.market.streams import Streams


@dataclass(frozen=True, eq=False)
class Trail:
    """What n persons did over the weeks, before anybody calls it a journey.

    Attributes
    ----------
    columns : (n,)
        Each person's geo.
    modules : tuple of str
        Whose contacts were watched, in the order in which they act.
    touches : (K, 3)
        Person, week, module of each contact; contacts with one module in one week are one.
    purchases : (B, 2)
        Person and week; of our product.
    active : (A, 2)
        Person and week in which someone explored or bought, anywhere.
    weeks : int
    states : (n,)
        Where everybody ended.
    """

    columns: IntArray
    modules: tuple[str, ...]
    touches: IntArray
    purchases: IntArray
    active: IntArray
    weeks: int
    states: IntArray


def draw_states(people: FloatArray, columns: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw a state for each person from the population of the person's column.

    Parameters
    ----------
    people : (B, S)
    columns : (n,)
    rng : Generator

    Returns
    -------
    (n,)
    """
    above = np.cumsum(people, axis=1)
    chance = rng.random(len(columns)) * above[columns, -1]
    states = np.empty(len(columns), dtype=np.int64)
    for column in np.unique(columns):
        own = columns == column
        states[own] = np.searchsorted(above[column], chance[own], side="right")
    return np.minimum(states, STATES - 1)


def follow(
    weeks: Iterable[Sequence[Step]],
    states: IntArray,
    columns: IntArray,
    watched: Sequence[str],
    streams: Streams,
) -> Trail:
    """Move persons through the weeks, each step by drawing from the chances that move the aggregate.

    Parameters
    ----------
    weeks : iterable of sequence of Step
        The steps of each week in order.
    states, columns : (n,)
        Each person's first state and geo; ``states`` is not changed.
    watched : sequence of str
        Modules whose contacts are kept, in the order in which they act.
    streams : Streams
        Each act of a module in a week draws from its own, so reruns under other spend share their random numbers.
    """
    states = states.copy()
    number = {name: place for place, name in enumerate(watched)}
    touches, purchases, active = [], [], []
    count = 0
    for week, steps in enumerate(weeks):
        count = week + 1
        activity = np.zeros(len(states), dtype=np.int64)
        bought = np.zeros(len(states), dtype=np.bool_)
        acts: Counter[str] = Counter()
        for step in steps:
            rng = streams(f"people/{week}/{step.module}/{acts[step.module]}")
            acts[step.module] += 1
            reached = _reached(step, states, columns, rng)
            if step.module in number and step.reach is not None:
                touches.append(_rows(np.flatnonzero(reached), week, number[step.module]))
            for kernel in step.kernels:
                _move(kernel, states, columns, reached, rng)
            now = level_of(Axis.ACTIVITY)[states]
            activity = np.maximum(activity, now)
            bought |= now == Activity.BOUGHT
        purchases.append(_rows(np.flatnonzero(bought), week))
        active.append(_rows(np.flatnonzero(activity > Activity.INACTIVE), week))
    return Trail(
        columns=columns,
        modules=tuple(watched),
        touches=_joined(touches, 3),
        purchases=_joined(purchases, 2),
        active=_joined(active, 2),
        weeks=count,
        states=states,
    )


def _reached(step: Step, states: IntArray, columns: IntArray, rng: np.random.Generator) -> BoolArray:
    if step.reach is None:
        return np.ones(len(states), dtype=np.bool_)
    return np.asarray(rng.random(len(states)) < step.reach.chances(states, columns))


def _move(kernel: Kernel, states: IntArray, columns: IntArray, reached: BoolArray, rng: np.random.Generator) -> None:
    chance = rng.random(len(states))
    move(states, columns, reached, chance, stride_of(kernel.axis), case_of(kernel.given), kernel.stacked())


def _rows(persons: IntArray, *same: int) -> IntArray:
    return np.column_stack([persons, *(np.full(len(persons), value, dtype=np.int64) for value in same)])


def _joined(parts: list[IntArray], width: int) -> IntArray:
    return np.concatenate(parts) if parts else np.zeros((0, width), dtype=np.int64)
