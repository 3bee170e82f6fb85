"""What the forms of the model share: the media's data as shared variables, and every random part of the mean."""

from __future__ import annotations

from dataclasses import dataclass

import pymc as pm

from mmm.model.media_priors import Media
from mmm.model.prepared import Prepared, media_arrays
from mmm.transforms.graph import Tensor


@dataclass(frozen=True)
class MediaData:
    """Shared variables of the media and of what was measured of them, in the kernel's order."""

    form: Tensor
    media: Tensor
    unseen: Tensor
    last_unseen: Tensor
    initial: Tensor
    credit: Tensor
    tail_credit: Tensor
    test_medium: Tensor
    test_media: Tensor
    test_base: Tensor
    test_weight: Tensor
    test_lift: Tensor
    test_se: Tensor
    mroas_mu: Tensor
    mroas_sigma: Tensor

    @classmethod
    def of(cls, prepared: Prepared) -> MediaData:
        """Enter a panel's arrays into the current model."""
        return cls(**{name: pm.Data(name, value) for name, value in media_arrays(prepared).items()})

    def all(self) -> tuple[Tensor, ...]:
        """Return all of them, in the kernel's order."""
        return tuple(vars(self).values())


@dataclass(frozen=True)
class Terms:
    """The random parts of a model.

    Attributes
    ----------
    media : Media
    sigma : (G,)
    deviation : ()
        How much geos differ in the linear part; 0 where they do not.
    sd : (K,)
        Prior scales of the shared linear coefficients.
    target : (G, T)
        Outcome minus the level's prior mean and the signed controls.
    now, later : (T,), (A,)
        Demand index in the window and after it.
    shock : ()
        Standard deviation of the weekly shock that all geos share; 0 without one.
    """

    media: Media
    sigma: Tensor
    deviation: Tensor
    sd: Tensor
    target: Tensor
    now: Tensor
    later: Tensor
    shock: Tensor
