"""Run a market: week by week, module by module, each seeing the people as the one before has left them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from simulations.market.consumers.kernel import Step, apply_step
from simulations.market.consumers.now import Module, Now, State
from simulations.market.consumers.sales import Sales
from simulations.market.consumers.scene import Scene
from simulations.market.consumers.world import ConsumerWorld


@dataclass(frozen=True, eq=False)
class Record:
    """What happened in n weeks, for B columns.

    Attributes
    ----------
    weeks : range
        Of the scene's.
    sold, refused : (n, B)
        Purchases of our product, and those for which there was none left.
    outcome : (n, B)
        Outcome units without noise.
    spend, exposures : dict of str to (n, B)
        Of paid channels: money, and what it bought.
    contacts : dict of str to (n, B)
        Of owned channels and rivals.
    """

    weeks: range
    sold: FloatArray
    refused: FloatArray
    outcome: FloatArray
    spend: dict[str, FloatArray]
    exposures: dict[str, FloatArray]
    contacts: dict[str, FloatArray]

    def take(self, columns: IntArray) -> Record:
        """Return the record of some columns."""

        def of(series: dict[str, FloatArray]) -> dict[str, FloatArray]:
            return {name: values[:, columns] for name, values in series.items()}

        return Record(
            weeks=self.weeks,
            sold=self.sold[:, columns],
            refused=self.refused[:, columns],
            outcome=self.outcome[:, columns],
            spend=of(self.spend),
            exposures=of(self.exposures),
            contacts=of(self.contacts),
        )


def modules_of(world: ConsumerWorld) -> tuple[Module, ...]:
    """Return the world's modules in the order in which they act: nature first, sales last."""
    specs = world.channels | world.owned | world.rivals
    acting = (specs[name].module(name, world.coordination) for name in world.acting())
    sales = Sales(world.choice.odds(), world.capacity, world.experience.step())
    return (world.nature.migration(), *acting, sales)


def first_state(world: ConsumerWorld, scene: Scene) -> State:
    """Return the people at rest, before anything has happened."""
    people = world.nature.at_rest(scene.in_market[0]) * scene.people[0][:, None]
    stock = np.full(len(people), np.inf)
    if world.capacity is not None:
        stock = world.capacity.store * world.capacity.delivered * scene.size[0]
    return State(people, stock)


def walk(
    modules: tuple[Module, ...],
    scene: Scene,
    state: State,
    weeks: range,
    money: Mapping[str, FloatArray] | None = None,
) -> Iterator[tuple[Now, Step]]:
    """Live some weeks, step by step; a step has been applied to ``state`` when it is handed over.

    Parameters
    ----------
    modules : tuple of Module
    scene : Scene
        B columns.
    state : State
        Moved on in place.
    weeks : range
        n of the scene's weeks.
    money : mapping of str to (n, B), optional
        What paid channels are told to spend; the others spend as they mean to.

    Yields
    ------
    (Now, Step)
        The week, the same object for all its steps, and the step.
    """
    told = money or {}
    for place, week in enumerate(weeks):
        now = Now(scene, week, state, {name: series[place] for name, series in told.items()})
        for module in modules:
            for step in module.act(now):
                apply_step(state.people, step)
                yield now, step


def run(
    world: ConsumerWorld, scene: Scene, state: State, weeks: range, money: Mapping[str, FloatArray] | None = None
) -> Record:
    """Live some weeks and write down what happened; see :func:`walk`."""
    lived: list[Now] = []
    for now, _ in walk(modules_of(world), scene, state, weeks, money):
        if not lived or lived[-1] is not now:
            lived.append(now)

    def told(what: str) -> dict[str, FloatArray]:
        names = getattr(lived[0], what) if lived else {}
        return {name: np.stack([getattr(now, what)[name] for now in lived]) for name in names}

    shape = (len(weeks), len(state.people))
    sold = np.array([now.sold for now in lived], dtype=np.float64).reshape(shape)
    refused = np.array([now.refused for now in lived], dtype=np.float64).reshape(shape)
    price = scene.price[weeks.start : weeks.stop]
    return Record(
        weeks=weeks,
        sold=sold,
        refused=refused,
        outcome=sold * world.outcome.basket * price,
        spend=told("spent"),
        exposures=told("exposures"),
        contacts=told("contacts"),
    )
