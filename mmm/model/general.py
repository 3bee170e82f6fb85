"""The general form: every linear coefficient is a parameter, and media are one compiled Op inside a PyTensor graph.

Parts: ninth version (see :mod:`mmm.model.kernel` on why this line is here).
"""

# ruff: noqa: ANN001, ANN201, ANN202, ARG001, ARG002  (numba infers types; PyTensor calls by fixed signatures)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numba import njit
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from mmm.model.density import KERNEL_VERSION
from mmm.model.media_kernel import ROOM, media_backward, media_forward
from mmm.model.media_paths import BLOCK
from mmm.model.prepared import Prepared
from mmm.model.spec import Noise
from mmm.model.terms import MediaData, Terms
from mmm.transforms.graph import Tensor

#: Inputs of the media Op that are data.
_DATA = 12
#: Media → mean (G, T), lift (J,), log of the marginal size (M,).
MediaMean = Callable[[Prepared, Terms, MediaData], tuple[Tensor, Tensor, Tensor]]


@njit(error_model="numpy")
def _run(  # type: ignore[no-untyped-def]
    n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
    t_weight, wants_mroas, q, q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size,
):  # fmt: skip
    """Return mean (G, T), lift (J,) and the log of the marginal size (M,)."""
    count, geos, weeks = media.shape
    mean, lift, marginal = np.zeros((geos, weeks)), np.zeros(t_medium.shape[0]), np.zeros(count)
    media_forward(
        n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
        t_weight, wants_mroas, q, q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size, mean,
        lift, marginal,
    )  # fmt: skip
    return mean, lift, marginal


@njit(error_model="numpy")
def _room(media, t_medium, q_tail):  # type: ignore[no-untyped-def]
    """Return what the media's paths are worked out in: see :func:`mmm.model.media_kernel.media_forward`."""
    count, geos, weeks = media.shape
    effect, lost = np.empty((count, geos, 4, weeks)), np.empty((count, geos, weeks))
    after, room = np.empty((count, geos, q_tail.shape[0])), np.empty((ROOM, max(weeks, q_tail.shape[0], BLOCK)))
    paths, piece, reach = np.empty((2, 4, weeks)), np.zeros((2, count, geos, 4)), np.zeros((t_medium.shape[0], geos, 4))
    return effect, lost, after, room, paths, piece, reach, np.zeros(count)


@njit(cache=True, error_model="numpy")
def forward(  # type: ignore[no-untyped-def]
    n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
    t_weight, wants_mroas, q, q_tail, theta, share,
):  # fmt: skip
    """Return mean (G, T), lift (J,) and the log of the marginal size (M,)."""
    effect, lost, after, room, paths, piece, reach, size = _room(media, t_medium, q_tail)
    return _run(
        n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
        t_weight, wants_mroas, q, q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def backward(  # type: ignore[no-untyped-def]
    n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
    t_weight, wants_mroas, q, q_tail, theta, share, pull, lift_pull, mroas_pull,
):  # fmt: skip
    """Return the gradient in q, q_tail, theta and share, given those in the outputs."""
    count, geos, weeks = media.shape
    effect, lost, after, room, paths, piece, reach, size = _room(media, t_medium, q_tail)
    _run(
        n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
        t_weight, wants_mroas, q, q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size,
    )  # fmt: skip
    d_q, d_tail, d_share = np.zeros(weeks), np.zeros(q_tail.shape[0]), np.zeros(count)
    d_theta = np.zeros((4, count, geos))
    media_backward(
        n_paid, seasonal, form, media, unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight, q,
        q_tail, theta, share, effect, lost, after, room, paths, piece, reach, size, pull, lift_pull, mroas_pull, d_q,
        d_tail, d_theta, d_share, np.zeros(count),
    )  # fmt: skip
    return d_q, d_tail, d_theta, d_share


class MediaOp(Op):
    """Mean, lift and marginal size of :func:`forward`."""

    __props__ = ("n_paid", "seasonal")

    def __init__(self, n_paid: int, *, seasonal: bool) -> None:
        self.n_paid = n_paid
        self.seasonal = seasonal

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Take the media's data, then demand and parameters."""
        tensors = [pt.as_tensor(value) for value in inputs]
        return Apply(self, tensors, [pt.dmatrix(), pt.dvector(), pt.dvector()])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        """Evaluate without PyTensor's compiler."""
        results = forward(self.n_paid, self.seasonal, *(np.ascontiguousarray(value) for value in inputs))
        for storage, value in zip(outputs, results, strict=True):
            storage[0] = np.asarray(value)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Tensor]:
        """Run the media backwards."""
        given = [
            pt.zeros_like(output) if isinstance(cotangent.type, DisconnectedType) else cotangent
            for output, cotangent in zip(outputs, cotangents, strict=True)
        ]
        node = _Backward(self.n_paid, seasonal=self.seasonal).make_node(*inputs, *given)
        return [disconnected_type()] * _DATA + list(node.outputs)

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Only what is not data matters, differentiably."""
        return [[False] * 3] * _DATA + [[True] * 3] * (len(node.inputs) - _DATA)


class _Backward(Op):
    """The gradients of :class:`MediaOp`."""

    __props__ = ("n_paid", "seasonal")

    def __init__(self, n_paid: int, *, seasonal: bool) -> None:
        self.n_paid = n_paid
        self.seasonal = seasonal

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Take the media Op's inputs, then the gradients in its outputs."""
        tensors = [pt.as_tensor(value) for value in inputs]
        return Apply(self, tensors, [value.type() for value in tensors[_DATA:-3]])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        """Evaluate without PyTensor's compiler."""
        results = backward(self.n_paid, self.seasonal, *(np.ascontiguousarray(value) for value in inputs))
        for storage, value in zip(outputs, results, strict=True):
            storage[0] = np.asarray(value)


@register_funcify_default_op_cache_key(MediaOp)  # type: ignore[untyped-decorator]
def _compiled_forward(op: MediaOp, node: Any, **kwargs: Any) -> tuple[Any, int]:
    n_paid, seasonal = op.n_paid, op.seasonal

    @numba_njit
    def media_mean(  # type: ignore[no-untyped-def]
        form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight,
        wants_mroas, q, q_tail, theta, share,
    ):  # fmt: skip
        return forward(
            n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base,
            t_weight, wants_mroas, q, q_tail, theta, share,
        )  # fmt: skip

    return media_mean, KERNEL_VERSION


@register_funcify_default_op_cache_key(_Backward)  # type: ignore[untyped-decorator]
def _compiled_backward(op: _Backward, node: Any, **kwargs: Any) -> tuple[Any, int]:
    n_paid, seasonal = op.n_paid, op.seasonal

    @numba_njit
    def media_gradients(  # type: ignore[no-untyped-def]
        form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media, t_base, t_weight,
        wants_mroas, q, q_tail, theta, share, pull, lift_pull, mroas_pull,
    ):  # fmt: skip
        return backward(
            n_paid, seasonal, form, media, unseen, last_unseen, initial, credit, tail_credit, t_medium, t_media,
            t_base, t_weight, wants_mroas, q, q_tail, theta, share, pull, lift_pull, mroas_pull,
        )  # fmt: skip

    return media_gradients, KERNEL_VERSION


def compiled_media(prepared: Prepared, terms: Terms, data: MediaData) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean, lift and the log of the marginal size by the compiled Op."""
    d, media = data, terms.media
    op = MediaOp(len(prepared.spec.channels), seasonal=prepared.demand_columns.shape[1] > 0)
    mean, lift, marginal = op.make_node(
        d.form, d.media, d.unseen, d.last_unseen, d.initial, d.credit, d.tail_credit, d.test_medium, d.test_media,
        d.test_base, d.test_weight, d.mroas_sigma, terms.now, terms.later, media.theta, media.share,
    ).outputs  # fmt: skip
    return mean, lift, marginal


def linear_mean(prepared: Prepared, terms: Terms) -> Tensor:
    """Make the variables of the linear part and the weekly shock; return their mean but for the level's, (G, T)."""
    linear = prepared.linear
    level = linear.intercept_sd[0] * pm.Normal("level")
    mean = level * pt.ones((len(prepared.panel.geos), 1))
    if linear.intercept_sd[1] > 0:
        mean = mean + (linear.intercept_sd[1] * pm.Normal("geo_level", dims="geo"))[:, None]
    design = pm.Data("design", linear.design)
    if linear.names:
        coef = terms.sd * pm.Normal("linear", shape=len(linear.names))
        mean = mean + (coef[None, :, None] * design).sum(axis=1)
    if linear.own:
        scale = terms.deviation * pm.Data("own_sd", linear.prior_sd[: linear.own])
        own = scale[:, None] * pm.Normal("geo_linear", shape=(linear.own, len(prepared.panel.geos)))
        mean = mean + (own.T[:, :, None] * design[:, : linear.own]).sum(axis=1)
    if prepared.week_shocks:
        mean = mean + terms.shock * pm.Normal("week_z", pm.Data("week_center", np.zeros(prepared.panel.n_weeks)), 1.0)
    return mean


def general_likelihood(prepared: Prepared, terms: Terms, media: MediaMean | None, extra: Tensor | None) -> None:
    """Enter the likelihood with an explicit linear part.

    Parameters
    ----------
    media : callable, optional
        How the media's mean is made; default: the compiled Op.
    extra : (G, T), optional
        A term of one's own in the mean.
    """
    data = MediaData.of(prepared)
    effect, lift, marginal = (media or compiled_media)(prepared, terms, data)
    mean = effect + linear_mean(prepared, terms)
    if extra is not None:
        mean = mean + extra
    z = (terms.target - mean) / terms.sigma[:, None]
    seen = pm.Data("seen", prepared.panel.observed.astype(np.float64))
    if prepared.spec.noise is Noise.STUDENT_T:
        nu = pm.Gamma("nu", 2.0, 0.1)
        density = pm.logp(pm.StudentT.dist(nu=nu, mu=0.0, sigma=1.0), z)
    else:
        density = pm.logp(pm.Normal.dist(0.0, 1.0), z)
    pm.Potential("outcome", ((density - pt.log(terms.sigma)[:, None]) * seen).sum())
    if len(prepared.tests.medium):
        pm.Potential("lift", pm.logp(pm.Normal.dist(lift, data.test_se), data.test_lift).sum())
    if (prepared.mroas_sigma > 0).any():
        stated = np.flatnonzero(prepared.mroas_sigma > 0)
        normal = pm.Normal.dist(data.mroas_mu[stated], data.mroas_sigma[stated])
        pm.Potential("mroas", pm.logp(normal, marginal[stated]).sum())
