"""How channels work together beyond the states that they share: the hook, neutral unless a world says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from mmm.arrays import FloatArray
from mmm.config import StrictModel


class Coordination(StrictModel):
    """What is done to make the channels act as one.

    Attributes
    ----------
    hand_over : float
        Share of journeys that continue when they move from one channel or device to another.
    coherence : float
        How much stronger a contact is where another channel says the same in the same week.
    messages : dict of str to str
        What each channel says.
    """

    hand_over: float = Field(default=1.0, ge=1.0, le=1.0)
    coherence: float = Field(default=0.0, ge=0.0, le=0.0)
    messages: dict[str, str] = Field(default_factory=dict)

    @property
    def neutral(self) -> bool:
        """Whether channels act as if nobody coordinated them; then nobody needs to know whom they reached."""
        return self.hand_over == 1.0 and self.coherence == 0.0

    def factor(self, module: str, reached: Mapping[str, FloatArray]) -> FloatArray | float:
        """Return the factor on the strength of a module's contacts in a week.

        Parameters
        ----------
        module : str
        reached : mapping of str to (B,)
            Share of all people whom each module that has already acted in the week reached.
        """
        del module, reached
        return 1.0
