"""Competitors: their media win people from us, and may answer ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from simulations.market.consumers.contacts import Touch, Touching
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.kernel import Cause, Step
from simulations.market.consumers.now import Now
from simulations.market.patterns import SpendPattern


class Rival(Touching):
    """A competitor's media.

    Attributes
    ----------
    volume : SpendPattern
        Contacts a week, national.
    answers : str, optional
        A paid channel of ours: the rival adds contacts where we spend on it in the same week.
    answer : float
        Contacts that the rival adds for one unit of our money on that channel.
    recorded : bool
        Whether the company's data have the rival's contacts, as a control.
    effect : Effect
        Such as ``disfavour`` and ``poach``; ``explore`` makes people look around, of whom we get some.
    """

    volume: SpendPattern
    answers: str | None = None
    answer: float = Field(default=0.0, ge=0)
    recorded: bool = True

    def module(self, name: str, coordination: Coordination) -> RivalMedia:  # noqa: ARG002  (it is of our channels)
        """Return the rival as a module of the market."""
        return RivalMedia(self, self.touch(name, Cause.RIVAL, Coordination()))


@dataclass(frozen=True, eq=False)
class RivalMedia:
    """The module of a :class:`Rival`."""

    spec: Rival
    touch: Touch

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of the week's contacts."""
        contacts = now.scene.volume[self.touch.name][now.week]
        if self.spec.answers is not None:
            contacts = contacts + self.spec.answer * now.spent[self.spec.answers]
        now.contacts[self.touch.name] = np.asarray(contacts, dtype=np.float64)
        yield from self.touch.contacts(now, contacts)
