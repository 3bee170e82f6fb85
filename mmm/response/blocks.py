"""Media blocks as the kernels take them: one a channel and geo, draws sorted by how long their carryover lasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.response.draws import MediaDraws
from mmm.transforms import kernels
from mmm.transforms.adstock import decay_weeks


@dataclass(frozen=True, eq=False)
class Blocks:
    """Kernel-ready arrays of B = C·G blocks, draws sorted by alpha within each; ``order`` undoes the sorting."""

    form: IntArray
    carry: FloatArray
    alpha: FloatArray
    half: FloatArray
    slope: FloatArray
    beta: FloatArray
    knee: FloatArray
    chord: FloatArray
    tails: IntArray
    factor: FloatArray
    order: IntArray


def _chunk_tails(alpha: FloatArray, horizon: int, tail: int, decayed: float) -> IntArray:
    """Return (B, n_chunks): weeks to run for each chunk, set by the chunk's slowest draw (alpha is sorted)."""
    draws = alpha.shape[1]
    ends = np.minimum(np.arange(kernels.CHUNK, draws + kernels.CHUNK, kernels.CHUNK), draws) - 1
    return np.asarray(horizon + np.minimum(decay_weeks(alpha[:, ends], decayed), tail), dtype=np.int64)


def pack(
    codes: IntArray,
    carry: FloatArray,
    paid: MediaDraws,
    spans: tuple[int, int],
    factor: FloatArray | None,
    decayed: float,
) -> Blocks:
    """Sort each block's draws by retention and lay them out for the kernels.

    Parameters
    ----------
    codes : (C,)
        Saturation form of each channel.
    carry : (C, G, S)
    spans : (int, int)
        Weeks of the horizon and of the tail.
    factor : (N, S), optional
        Factor on effects by week and draw.
    decayed : float
        Share of its carryover after which a draw is no longer followed.
    """
    draws = paid.alpha.shape[-1]
    flat = {n: getattr(paid, n).reshape(-1, draws) for n in ("alpha", "half_saturation", "slope", "beta")}
    order = np.argsort(flat["alpha"], axis=1, kind="stable")
    put = {n: np.ascontiguousarray(np.take_along_axis(v, order, axis=1)) for n, v in flat.items()}
    blocks = len(order)
    weeks = np.empty((blocks, 0, 0))
    if factor is not None:
        weeks = np.ascontiguousarray(factor[:, order].transpose(1, 0, 2))
    zeros = np.zeros_like(put["alpha"])
    return Blocks(
        form=np.repeat(codes, blocks // len(codes)) if blocks else codes,
        carry=np.ascontiguousarray(np.take_along_axis(carry.reshape(-1, draws), order, axis=1)),
        alpha=put["alpha"],
        half=put["half_saturation"],
        slope=put["slope"],
        beta=put["beta"],
        knee=zeros,
        chord=zeros,
        tails=_chunk_tails(put["alpha"], *spans, decayed),
        factor=weeks,
        order=order,
    )
