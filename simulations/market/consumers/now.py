"""What a module of the market sees of the week in which it acts, and where it writes down what it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np

from mmm.arrays import FloatArray, IntArray
from simulations.market.consumers.kernel import Reach, Step, count_by
from simulations.market.consumers.scene import Scene


@dataclass(eq=False)
class State:
    """What one week hands to the next.

    Attributes
    ----------
    people : (B, S)
    stock : (B,)
        Products in store; infinite where there is no capacity.
    """

    people: FloatArray
    stock: FloatArray

    def copy(self) -> State:
        """Return a copy that can run on by itself."""
        return State(self.people.copy(), self.stock.copy())

    def take(self, columns: IntArray) -> State:
        """Return the state of some columns, which may repeat."""
        return State(self.people[columns], self.stock[columns])


@dataclass(eq=False)
class Now:
    """One week of a run.

    Attributes
    ----------
    scene : Scene
    week : int
        Of the scene's N.
    state : State
        Moved by each step before the next module sees it.
    money : dict of str to (B,)
        What paid channels are told to spend; a channel that is not named spends as it means to.
    spent, exposures, contacts : dict of str to (B,)
        Written by the modules: money, exposures bought, contacts of owned channels and rivals.
    reached : dict of str to (B,)
        Share of all people whom a module reached.
    sold, refused : (B,)
        Purchases of our product, and those for which there was none left.
    """

    scene: Scene
    week: int
    state: State
    money: dict[str, FloatArray]
    spent: dict[str, FloatArray] = field(default_factory=dict)
    exposures: dict[str, FloatArray] = field(default_factory=dict)
    contacts: dict[str, FloatArray] = field(default_factory=dict)
    reached: dict[str, FloatArray] = field(default_factory=dict)
    sold: FloatArray = field(default_factory=lambda: np.zeros(0))
    refused: FloatArray = field(default_factory=lambda: np.zeros(0))

    @property
    def people(self) -> FloatArray:
        """The population as it now is, (B, S)."""
        return self.state.people

    @property
    def day(self) -> date:
        """The week's first day."""
        return date.fromisoformat(str(self.scene.weeks[self.week]))

    @property
    def in_market(self) -> FloatArray:
        """Share of people towards which the market is pulled, (B,)."""
        return np.asarray(self.scene.in_market[self.week], dtype=np.float64)

    @property
    def eagerness(self) -> FloatArray:
        """Factor on the chance to decide, (B,)."""
        return np.asarray(self.scene.eagerness[self.week], dtype=np.float64)

    @property
    def liking(self) -> FloatArray:
        """Added to the log odds of choosing us, (B,)."""
        return np.asarray(self.scene.liking[self.week], dtype=np.float64)

    def told(self, channel: str) -> FloatArray | None:
        """Return the money that a channel is told to spend, (B,), or None where it spends as it means to."""
        return self.money.get(channel)

    def note_reach(self, module: str, reach: Reach) -> None:
        """Write down which share of all people a module reached."""
        counts = count_by(self.people, *reach.given)
        met = (counts * reach.share).reshape(len(counts), -1).sum(axis=1)
        self.reached[module] = met / self.scene.people[0]


class Module(Protocol):
    """A part of the market that moves people each week; modules act in order."""

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the week's steps; each is applied before the next is asked for."""
