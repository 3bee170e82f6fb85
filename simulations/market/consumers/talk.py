"""Word of mouth: who likes the brand tells others, and so does who dislikes it. Nobody records it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from simulations.market.consumers.audience import Aim, FrequencyResponse, Weights
from simulations.market.consumers.contacts import Touch, Touching
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.kernel import Cause, Step
from simulations.market.consumers.moves import Effect
from simulations.market.consumers.now import Now

_RECOMMENDS = Weights(
    favourability={"unaware": 0.0, "negative": 0.0, "neutral": 0.0, "favourable": 1.0, "strongly_favourable": 3.0}
)
_COMPLAINS = Weights(
    favourability={"unaware": 0.0, "negative": 1.0, "neutral": 0.0, "favourable": 0.0, "strongly_favourable": 0.0}
)


class TalkChannel(Touching):
    """What people tell each other.

    It multiplies whatever makes people favourable: a campaign's effect lives on in those who tell of it.

    Attributes
    ----------
    contacts : float
        Conversations a week of a person of weight 1.
    recommends, complains : Weights
        Who tells good and bad things.
    effect, bad_effect : Effect
        Of a good and of a bad conversation.
    """

    kind: Literal["talk"]
    contacts: float = Field(default=0.1, gt=0)
    recommends: Weights = _RECOMMENDS
    complains: Weights = _COMPLAINS
    effect: Effect = Effect(aware=0.2, favour=0.02)
    bad_effect: Effect = Effect(disfavour=0.05)
    frequency: FrequencyResponse = FrequencyResponse(half=0.0)

    def module(self, name: str, coordination: Coordination) -> Talk:  # noqa: ARG002  (it is of our channels)
        """Return the talk as a module of the market."""
        bad = self.model_copy(update={"effect": self.bad_effect})
        return Talk(
            self.contacts,
            _everyone(self.recommends),
            self.touch(name, Cause.OWNED, Coordination()),
            _everyone(self.complains),
            bad.touch(f"{name}:bad", Cause.OWNED, Coordination()),
        )


@dataclass(frozen=True, eq=False)
class Talk:
    """The module of a :class:`TalkChannel`."""

    contacts: float
    recommends: Aim
    good: Touch
    complains: Aim
    bad: Touch

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of the week's recommendations, then that of its complaints."""
        for tellers, touch in ((self.recommends, self.good), (self.complains, self.bad)):
            contacts = self.contacts * now.scene.volume[self.good.name][now.week] * tellers.heads(now.people)
            now.contacts[touch.name] = contacts
            yield from touch.contacts(now, contacts)


def _everyone(weights: Weights) -> Aim:
    return Aim(1.0, 1.0, weights.given, weights.table())
