"""Changed panels: a shorter history, one more channel, one more control."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.panel import Panel
from mmm.data.spec import ChannelSpec
from mmm.model.spec import ModelSpec


def first_weeks(panel: Panel, count: int) -> Panel:
    """Return the first weeks of a panel, without what carries nothing in them.

    Media that are zero and controls that never move in these weeks go, and so do lift tests that end after them.
    """
    cut = panel.cut(0, count)
    paid = (cut.spend > 0).any(axis=(1, 2)) & (cut.exposure > 0).any(axis=(1, 2))
    organic = (cut.organic > 0).any(axis=(1, 2))
    moving = np.array([np.ptp(values) > 0 for values in cut.controls], dtype=np.bool_)
    channels = _kept(cut.channels, paid)
    return replace(
        cut,
        channels=channels,
        spend=cut.spend[paid],
        exposure=cut.exposure[paid],
        exposure_based=cut.exposure_based[paid],
        national_channels=tuple(name for name in cut.national_channels if name in channels),
        organic_names=_kept(cut.organic_names, organic),
        organic=cut.organic[organic],
        control_names=_kept(cut.control_names, moving),
        controls=cut.controls[moving],
        lift_tests=tuple(test for test in cut.lift_tests if test.channel in channels),
    )


def _kept(names: Iterable[str], mask: BoolArray) -> tuple[str, ...]:
    return tuple(name for name, keep in zip(names, mask, strict=True) if keep)


def with_channel(
    spec: ModelSpec, panel: Panel, like: str, spend: FloatArray, exposure: FloatArray
) -> tuple[ModelSpec, Panel, str]:
    """Add a paid channel of the same kind as another one, last, with the default priors.

    Parameters
    ----------
    like : str
        The channel whose columns, level and saturation it takes over.
    spend, exposure : (G, T)
        Spend counts where the geo has a row in that week, and nowhere else.

    Returns
    -------
    (ModelSpec, Panel, str)
        With the name that the new channel got.
    """
    name = _free_name(spec, f"placebo of {like}")
    own: ChannelSpec = spec.channels[like]
    forms = spec.saturation
    if isinstance(forms, dict) and like in forms:
        forms = forms | {name: forms[like]}
    wider = spec.model_copy(update={"channels": {**spec.channels, name: own}, "saturation": forms})
    national = (*panel.national_channels, name) if like in panel.national_channels else panel.national_channels
    longer = replace(
        panel,
        channels=(*panel.channels, name),
        spend=np.concatenate([panel.spend, np.where(panel.observed, spend, 0.0)[None]]),
        exposure=np.concatenate([panel.exposure, exposure[None]]),
        exposure_based=np.append(panel.exposure_based, panel.exposure_based[panel.channels.index(like)]),
        national_channels=national,
    )
    return wider, longer, name


def with_control(spec: ModelSpec, panel: Panel, label: str, values: FloatArray) -> tuple[ModelSpec, Panel]:
    """Add a control, (G, T), last."""
    name = _free_name(spec, label)
    wider = spec.model_copy(update={"controls": (*spec.controls, name)})
    controls = np.concatenate([panel.controls, values[None]])
    return wider, replace(panel, control_names=(*panel.control_names, name), controls=controls)


def _free_name(spec: ModelSpec, wanted: str) -> str:
    taken = {*spec.media, *spec.controls}
    name = wanted
    while name in taken:
        name += "'"
    return name
