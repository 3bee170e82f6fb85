"""How national spend is divided over geos, in figures and in words."""

from __future__ import annotations

from mmm.response.draws import RECENT_WEEKS, ResponseDraws

#: Names that a sentence lists before it counts the rest.
_NAMED = 4


def geo_split(response: ResponseDraws) -> dict[str, dict[str, float]]:
    """Return each channel's share of national spend by geo; empty for national data.

    Returns
    -------
    dict
        Channel → geo → share; each channel's shares sum to 1.
    """
    if len(response.geos) < 2:
        return {}
    shares = response.geo_shares()
    return {name: dict(zip(response.geos, shares[c].tolist(), strict=True)) for c, name in enumerate(response.channels)}


def split_sentences(response: ResponseDraws) -> tuple[str, ...]:
    """Say how national spend is divided, and where rows that are missing bear on it; nothing for national data."""
    if len(response.geos) < 2:
        return ()
    return (_rule(response), *_ended(response), *_holes(response))


def _rule(response: ResponseDraws) -> str:
    weeks = min(RECENT_WEEKS, response.n_weeks)
    text = (
        f"Spend is decided nationally. Each channel's spend is divided over the {len(response.geos)} geos as in the "
        f"last {weeks} weeks of data"
    )
    spent = response.gross_spend() * response.active[:, None]
    now, ever = spent[..., -RECENT_WEEKS:].sum(axis=(1, 2)) > 0, spent.sum(axis=(1, 2)) > 0
    quiet = [name for name, a, b in zip(response.channels, now, ever, strict=True) if b and not a]
    never = [name for name, b in zip(response.channels, ever, strict=True) if not b]
    if quiet:
        text += f"; {_listed(quiet)}, which spent nothing in them, as in all weeks"
    if never:
        text += f"; {_listed(never)}, which has no spend there at all, evenly"
    return f"{text}."


def _ended(response: ResponseDraws) -> tuple[str, ...]:
    gone = [name for name, alive in zip(response.geos, response.active, strict=True) if not alive]
    if not gone:
        return ()
    text = (
        f"{_listed(gone)}: no row in the last {RECENT_WEEKS} weeks of data, so taken to have ended; nothing is spent "
        "or sold there in the weeks ahead."
    )
    return (text,)


def _holes(response: ResponseDraws) -> tuple[str, ...]:
    recent = response.observed[:, -RECENT_WEEKS:]
    holes = [name for name, row in zip(response.geos, recent, strict=True) if row.any() and not row.all()]
    if not holes:
        return ()
    text = (
        f"{_listed(holes)}: some of the last {RECENT_WEEKS} weeks have no row. Nothing is known to be spent in them, "
        "so what continues from those weeks, business as usual and the shares, is too low there."
    )
    return (text,)


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= _NAMED + 1 else [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    quoted = [f"'{name}'" if name in names else name for name in shown]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
