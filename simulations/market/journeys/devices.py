"""On which device each session happens: usually one's own."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, IntArray
from simulations.market.journeys.spec import JourneySettings


def own_devices(settings: JourneySettings, people: int, rng: np.random.Generator) -> IntArray:
    """Return the number of each person's own device, (n,)."""
    shares = np.array(list(settings.devices.values()))
    return np.asarray(rng.choice(len(shares), people, p=shares / shares.sum()), dtype=np.int64)


def session_devices(settings: JourneySettings, own: IntArray, luck: FloatArray) -> IntArray:
    """Return the number of each session's device.

    Parameters
    ----------
    settings : JourneySettings
    own : (...)
        The own device of the person.
    luck : (...)
        Uniform between 0 and 1.

    Returns
    -------
    (...)
        One's own with chance ``1 - other_device``, else one of the others in proportion to their shares.
    """
    shares = np.array(list(settings.devices.values()))
    if settings.other_device <= 0:
        return own.copy()
    left = np.where(np.eye(len(shares), dtype=np.bool_), 0.0, shares)
    ladder = np.cumsum(left / left.sum(axis=1, keepdims=True), axis=1)
    rest = np.minimum(luck / settings.other_device, 1.0 - 1e-12)
    other = np.sum(rest[..., None] >= ladder[own], axis=-1)
    return np.where(luck < settings.other_device, np.minimum(other, len(shares) - 1), own).astype(np.int64)
