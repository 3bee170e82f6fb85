"""What paid, owned and rival modules share: contacts fall on an audience and move those whom they meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from simulations.market.consumers.audience import Aim, Audience, FrequencyResponse
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.kernel import Cause, Reach, Step
from simulations.market.consumers.moves import Direction, Effect, expand
from simulations.market.consumers.now import Now


class Touching(StrictModel):
    """What every module that meets people is told.

    Attributes
    ----------
    audience : Audience
    frequency : FrequencyResponse
    effect : Effect
    """

    audience: Audience = Audience()
    frequency: FrequencyResponse = FrequencyResponse()
    effect: Effect = Effect()

    def touch(self, name: str, cause: Cause, coordination: Coordination) -> Touch:
        """Return the contacts of a module, ready to be made."""
        aim = self.audience.aim()
        return Touch(name, cause, aim, self.frequency, self.effect.directions(), coordination)


@dataclass(frozen=True, eq=False)
class Touch:
    """A module's contacts; see :class:`Touching`."""

    name: str
    cause: Cause
    aim: Aim
    frequency: FrequencyResponse
    directions: tuple[Direction, ...]
    coordination: Coordination

    def contacts(self, now: Now, contacts: FloatArray) -> Iterator[Step]:
        """Yield the step of a number of contacts, (B,), none where there is no contact."""
        if contacts.any():
            yield self.step(now, self.aim.reach(now.people, contacts))

    def step(self, now: Now, reach: Reach) -> Step:
        """Return the step of those whom a reach meets."""
        factor = now.scene.response[0].reshape(-1, 1, 1, 1, 1, 1, 1)
        if not self.coordination.neutral:
            factor = factor * self.coordination.factor(self.name, now.reached, now.day)
            now.note_reach(self.name, reach)
        strength = expand(self.frequency.at(reach.frequency), reach.given) * factor
        return Step(self.name, self.cause, tuple(way.kernel(strength) for way in self.directions), reach)
