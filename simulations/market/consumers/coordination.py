r"""How channels work together beyond the states that they share: hand-over of journeys and coherence of messages.

Both change the strength of a contact, for the aggregate and for single persons alike. With :math:`h` the share of
journeys that are handed over, :math:`m` the share of contacts of a journey under way that come on another channel or
device than the one before, :math:`c` the coherence and :math:`s` the share of people whom channels that acted earlier
in the week have reached with the same message, a contact is

.. math:: (1 - m (1 - h)\,[\text{journey under way}])\,(1 + c\,s)

times as strong. What a person met before in the week is not part of a person's state, so :math:`s` is of all people:
the message is about, and not only in one's own ears.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from pydantic import Field, field_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from simulations.market.consumers.states import AXES, SHAPE, Activity, Axis


class Coordination(StrictModel):
    """What is done to make the channels act as one; the defaults leave every contact as strong as it is by itself.

    Attributes
    ----------
    hand_over : float
        Share of journeys under way that continue when they move to another channel or device. One that does not has to
        begin again, so the contact there does nothing.
    moves : float
        Share of the contacts of a journey under way that come on another channel or device than the one before.
    coherence : float
        How much stronger a contact is where another channel has said the same in the same week: 0.5 is half as strong
        again. Without ``messages`` it does nothing.
    messages : dict of str to str, or to dict of date to str
        What each paid or owned channel says, for good or from a day on: ``{tv: spring, social: {2026-03-02: spring,
        2026-05-04: summer}}``. A channel that is not named, or has not begun to, says nothing that another says.
    """

    hand_over: float = Field(default=1.0, ge=0.0, le=1.0)
    moves: float = Field(default=0.7, ge=0.0, le=1.0)
    coherence: float = Field(default=0.0, ge=0.0, le=10.0)
    messages: dict[str, str | dict[date, str]] = Field(default_factory=dict)

    @field_validator("messages")
    @classmethod
    def _something(cls, messages: dict[str, str | dict[date, str]]) -> dict[str, str | dict[date, str]]:
        for name, told in messages.items():
            if not told:
                raise ValueError(f"'{name}' has no message: leave it out, or say which")
        return messages

    @property
    def neutral(self) -> bool:
        """Whether channels act as if nobody coordinated them; then nobody needs to know whom they reached."""
        return self._wasted == 0.0 and (self.coherence == 0.0 or not self.messages)

    @property
    def _wasted(self) -> float:
        """Share of the contacts of journeys under way that do nothing."""
        return self.moves * (1.0 - self.hand_over)

    def says(self, channel: str, day: date) -> str | None:
        """Return what a channel says in the week of a day, None where it says nothing in common."""
        told = self.messages.get(channel)
        if told is None or isinstance(told, str):
            return told
        begun = [start for start in told if start <= day]
        return told[max(begun)] if begun else None

    def factor(self, channel: str, reached: Mapping[str, FloatArray], day: date) -> FloatArray:
        """Return the factor on the strength of a channel's contacts in a week.

        Parameters
        ----------
        channel : str
        reached : mapping of str to (B,)
            Share of all people whom each module that has already acted in the week reached.
        day : date
            First of the week.

        Returns
        -------
        (B or 1, 6 axes)
            Length 1 on every axis of the state but activity, and on that too where all journeys are handed over.
        """
        return self._handed_over() * self._heard(channel, reached, day).reshape(-1, *[1] * len(AXES))

    def _handed_over(self) -> FloatArray:
        if self._wasted == 0.0:
            return np.ones((1, *[1] * len(AXES)))
        place = AXES.index(Axis.ACTIVITY)
        factor = np.ones(SHAPE[place])
        factor[[Activity.EXPLORING, Activity.PURCHASING]] -= self._wasted
        return factor.reshape(1, *[-1 if axis == place else 1 for axis in range(len(AXES))])

    def _heard(self, channel: str, reached: Mapping[str, FloatArray], day: date) -> FloatArray:
        message = self.says(channel, day)
        if message is None or self.coherence == 0.0:
            return np.ones(1)
        missed = np.ones(1)
        for other, share in reached.items():
            if other != channel and self.says(other, day) == message:
                missed = missed * (1.0 - share)
        return np.asarray(1.0 + self.coherence * (1.0 - missed), dtype=np.float64)
