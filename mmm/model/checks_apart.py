"""Which effects the data cannot tell apart: channels from each other, and from trend, season and controls."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.health_linear import blocks_of
from mmm.reporting.text import isolate, join_names, join_parts
from mmm.response.draws import ResponseDraws

NOTHING = "Nothing to do."
#: Correlation of two channels' draws beyond which the data cannot tell them apart.
APART = 0.7
#: Smallest eigenvalue of the correlation matrix below which three or more channels are known in sum only, and the
#: least weight in its direction that names a channel.
JOINT, WEIGHT = 0.15, 0.35
#: Share of the variance of a channel's draws that a part of the baseline explains beyond which the two trade off, and
#: the relative width (sd over mean) from which that matters.
TRADE, WIDE = 0.6, 0.3


def check_channels_apart(roas: FloatArray, response: ResponseDraws) -> tuple[Finding, ...]:
    """Judge the joint posterior of ROAS (of contributions: the same up to spend), (C, S): pairs, then larger groups."""
    names = response.channels
    if len(names) < 2 or not np.isfinite(roas).all() or np.any(np.ptp(roas, axis=1) == 0):
        return (Finding("tell_apart", Severity.OK, "There is one channel: nothing to tell it from.", NOTHING),)
    correlation = np.asarray(np.corrcoef(roas), dtype=np.float64)
    pairs = [(i, j) for i, j in combinations(range(len(names)), 2) if abs(correlation[i, j]) > APART]
    findings = [_cannot_tell(names[i], names[j], float(correlation[i, j])) for i, j in pairs]
    values, vectors = np.linalg.eigh(correlation)
    group = [names[c] for c in np.flatnonzero(np.abs(vectors[:, 0]) > WEIGHT)]
    if values[0] < JOINT and len(group) > 2 and not pairs:
        findings.append(
            Finding(
                "tell_apart",
                Severity.WARNING,
                f"{join_names(group)} are known together, not one by one (smallest eigenvalue of the correlation of "
                f"their contributions: {values[0]:.2f}).",
                "Trust their sum, not the split; move them separately for some weeks, or test one by experiment.",
                means="No two of them trade off alone, but all of them do: shifting money between them is a guess.",
                where=", ".join(group),
            )
        )
    if findings:
        return tuple(findings)
    i, j = max(combinations(range(len(names)), 2), key=lambda pair: abs(correlation[pair]))
    says = (
        f"Every channel can be told from the others (largest correlation {correlation[i, j]:+.2f}: "
        f"{isolate(names[i])} and {isolate(names[j])})."
    )
    return (Finding("tell_apart", Severity.OK, says, NOTHING),)


def _cannot_tell(one: str, other: str, correlation: float) -> Finding:
    return Finding(
        "tell_apart",
        Severity.WARNING,
        f"{isolate(one)} and {isolate(other)} cannot be told apart: their ROAS draws correlate {correlation:+.2f}.",
        "Trust their sum, not the split; move them separately for some weeks, or model them as one channel.",
        means="When the one is larger the other is smaller: shifting money between them is a guess.",
        where=f"{one}, {other}",
    )


def baseline_share(contribution: FloatArray, coefficients: FloatArray) -> float:
    """Return R² of (S,) contribution draws on (P, S) coefficient draws, adjusted for P."""
    if contribution.std() == 0 or not len(coefficients):
        return 0.0
    target = contribution - contribution.mean()
    centred = coefficients - coefficients.mean(axis=1, keepdims=True)
    scale = np.maximum(centred.std(axis=1, keepdims=True), 1e-300)
    fitted = (centred / scale).T @ np.linalg.lstsq((centred / scale).T, target)[0]
    plain = float(fitted @ fitted) / float(target @ target)
    size, count = len(target), len(coefficients)
    return max(0.0, 1.0 - (1.0 - plain) * (size - 1) / max(size - count - 1, 1))


def check_baseline_apart(contributions: FloatArray, response: ResponseDraws) -> Finding:
    """Judge whether a channel's contribution, (C, S), trades off with the trend, the season or a control."""
    base = response.baseline
    blocks = blocks_of((*base.basis.names, *(f"control:{name}" for name in base.control_names)))
    weight = response.outcome.sum(axis=1)
    national = np.einsum("pgs,g->ps", base.coef, weight / max(float(weight.sum()), 1e-300))
    level = (
        {"the base level": np.array([base.basis.names.index("intercept")])} if "intercept" in base.basis.names else {}
    )
    tied: list[tuple[str, str, float]] = []
    largest = 0.0
    for c, name in enumerate(response.channels):
        wide = contributions[c].std() > WIDE * abs(contributions[c].mean())
        for part, columns in (level | blocks).items():
            share = baseline_share(contributions[c], national[columns])
            largest = max(largest, share) if wide else largest
            if wide and share > TRADE:
                tied.append((name, part, share))
    if not tied:
        says = "No uncertain channel trades off with trend, season or a control "
        return Finding("tell_from_baseline", Severity.OK, f"{says}(largest share {100 * largest:.0f}%).", NOTHING)
    figures = join_parts([f"{isolate(name)} with {isolate(part)} ({100 * share:.0f}%)" for name, part, share in tied])
    return Finding(
        "tell_from_baseline",
        Severity.NOTE,
        f"The data leave open what is a channel's and what is the baseline's: {figures} of the channel's uncertainty.",
        "Run the channel against the season, pause it for some weeks, calibrate by a lift test, or state its ROAS.",
        means="A little more of the one is a little less of the other: the channel's interval is wide for that reason.",
        where=", ".join(dict.fromkeys(name for name, _, _ in tied)),
    )
