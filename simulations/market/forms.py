"""True forms of saturation: those that the model has, and others that it has not."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray
from mmm.transforms.saturation import Saturation, saturate


class CurveForm(StrEnum):
    """How a true effect saturates; each is at one half where its input is the half-saturation."""

    HILL = "hill"
    LOGISTIC = "logistic"
    EXPONENTIAL = "exponential"
    LINEAR = "linear"

    @property
    def modelled(self) -> Saturation | None:
        """The model's own form of the same name, or None."""
        return Saturation(self.value) if self.value in set(Saturation) else None


def effect_share(form: CurveForm, u: FloatArray, half: FloatArray | float, slope: float) -> FloatArray:
    """Return the effect of adstocked media as a share of the most possible one, in the shape of ``u``.

    Parameters
    ----------
    form : CurveForm
        Exponential: 1 − 2^(−u/half). Linear: u/(2·half), which has no most possible effect.
    u : array
        Adstocked media, media units a week.
    half : broadcastable to ``u``
    slope : float
        Hill's only.
    """
    known = form.modelled
    if known is not None:
        return saturate(known, u, half, slope)
    if form is CurveForm.EXPONENTIAL:
        return np.asarray(-np.expm1(-np.log(2.0) * np.maximum(u, 0.0) / half))
    return np.asarray(0.5 * np.maximum(u, 0.0) / half)
