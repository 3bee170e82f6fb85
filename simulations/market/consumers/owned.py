"""Channels that cost service rather than media: what the company sends, and what people ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from simulations.market.consumers.audience import Weights
from simulations.market.consumers.contacts import Touch, Touching
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.kernel import Cause, Step
from simulations.market.consumers.now import Now
from simulations.market.patterns import SpendPattern


class SentChannel(Touching):
    """What the company sends or stages by itself: e-mail, mailings, events.

    Attributes
    ----------
    volume : SpendPattern
        Contacts a week (``weekly`` is a number of contacts, ``books_in`` usually 1); a column of the data.
    service_cost : float
        Money for a contact; told in the company's model file, in no column of its data.
    """

    kind: Literal["sent"]
    volume: SpendPattern
    service_cost: float = Field(default=0.0, ge=0)

    def module(self, name: str, coordination: Coordination) -> Sent:
        """Return the channel as a module of the market."""
        return Sent(self.touch(name, Cause.OWNED, coordination))


@dataclass(frozen=True, eq=False)
class Sent:
    """The module of a :class:`SentChannel`."""

    touch: Touch

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of what is sent in the week."""
        contacts = now.scene.volume[self.touch.name][now.week]
        now.contacts[self.touch.name] = contacts
        yield from self.touch.contacts(now, contacts)


class AskedChannel(Touching):
    """What people ask for: support, FAQ chat, shops. Who asks follows from demand; how many are served, from capacity.

    Attributes
    ----------
    asks : Weights
        Who asks.
    contacts : float
        Contacts a week that a person of weight 1 wants.
    capacity : SpendPattern
        Contacts a week that can be served, national; the contacts that are served are a column of the data.
    service_cost : float
        Money for a contact that is served; told in the company's model file.
    """

    kind: Literal["asked"]
    asks: Weights = Weights(activity={"inactive": 0.0})
    contacts: float = Field(gt=0, le=1000)
    capacity: SpendPattern
    service_cost: float = Field(default=0.0, ge=0)

    def module(self, name: str, coordination: Coordination) -> Asked:
        """Return the channel as a module of the market."""
        touching = self.model_copy(update={"audience": self.audience.model_copy(update={"weights": self.asks})})
        return Asked(self, touching.touch(name, Cause.OWNED, coordination))


@dataclass(frozen=True, eq=False)
class Asked:
    """The module of an :class:`AskedChannel`."""

    spec: AskedChannel
    touch: Touch

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of those who are served in the week."""
        wanted = self.touch.aim.heads(now.people) * self.spec.contacts
        served = np.minimum(wanted, now.scene.volume[self.touch.name][now.week])
        now.contacts[self.touch.name] = served
        if served.any():
            part = np.divide(served, wanted, out=np.zeros_like(wanted), where=wanted > 0)
            yield self.touch.step(now, self.touch.aim.reach_at(part * self.spec.contacts))
