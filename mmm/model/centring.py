r"""How a hierarchy is handed to the sampler: centred as far as the data are strong, whatever spread it tries.

Of :math:`x_i \sim N(\mu, \tau^2)`, which the data alone would tell with a standard error :math:`e_i`, the sampler moves
:math:`\zeta_i`:

.. math::
    x_i = (1 - w_i)\,\mu + w_i\,\mu_0 + \sqrt{w_i}\,e_i\,\zeta_i,\qquad w_i = \frac{\tau^2}{\tau^2 + e_i^2},\qquad
    \zeta_i \sim N\!\left(\frac{\sqrt{w_i}\,(\mu - \mu_0)}{e_i},\ 1 + \frac{\tau^2}{e_i^2}\right)

which is the same prior of *x* for every :math:`e_i > 0` and every constant :math:`\mu_0`. Where the spread is small
against the error it is the non-centred form, where the error is small the centred one, and :math:`\zeta_i` has a
posterior spread near 1 in both: *w* is the weight that a normal hierarchy gives to the data. Partial centring after
Papaspiliopoulos, Roberts & Sköld (2007, doi:10.1214/088342307000000014), with their weight as a function of the spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Centring:
    """The form of one hierarchy; for arrays and for PyTensor's tensors alike, which broadcast.

    Attributes
    ----------
    spread : array or tensor
        τ, above 0.
    error : array or tensor
        e, above 0.
    """

    spread: Any
    error: Any

    @property
    def scale(self) -> Any:
        """The prior's standard deviation of ζ."""
        return (1.0 + (self.spread / self.error) ** 2) ** 0.5

    @property
    def _root(self) -> Any:
        return self.spread / self.error / self.scale

    def mean(self, center: Any, constant: float) -> Any:
        """Return the prior mean of ζ, from μ and μ₀."""
        return self._root * (center - constant) / self.error

    def value(self, moved: Any, center: Any = 0.0, constant: float = 0.0) -> Any:
        """Return x, from ζ, μ and μ₀."""
        weight = self._root**2
        return (1.0 - weight) * center + weight * constant + self.spread / self.scale * moved
