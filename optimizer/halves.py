"""The draws that a plan is chosen on and those it is judged on: halves of the chains, thinned where they are many."""

from __future__ import annotations

from dataclasses import dataclass

from mmm.response.draws import ResponseDraws

#: Channels × geos × draws of one half that are planned with as they are.
MOST_CURVES = 1_000_000
#: Draws of each half that are kept where there are more curves than that.
KEPT_DRAWS = 1_000


@dataclass(frozen=True, eq=False)
class Halves:
    """Both halves, and a sentence where they were thinned."""

    planning: ResponseDraws
    held_back: ResponseDraws
    notes: tuple[str, ...]

    @property
    def both(self) -> tuple[ResponseDraws, ResponseDraws]:
        """The planning draws and those held back."""
        return self.planning, self.held_back


def planning_halves(response: ResponseDraws) -> Halves:
    """Divide the chains, and thin each half evenly to 1,000 draws where it holds more than a million curves.

    A curve is one draw of one channel in one geo. Planning time grows with their number, the Monte Carlo error falls
    only with the root of the number of draws; the report states both.

    Raises
    ------
    FitError
        The fit has one chain.
    """
    planning, held = response.planning(), response.held_back()
    curves = len(response.channels) * len(response.geos)
    if curves * max(planning.n_draws, held.n_draws) <= MOST_CURVES or planning.n_draws <= KEPT_DRAWS:
        return Halves(planning, held, ())
    note = (
        f"{len(response.channels)} channels in {len(response.geos)} geos are {curves:,} curves a draw: each half of "
        f"the draws is thinned evenly, from {planning.n_draws:,} to {KEPT_DRAWS:,}; the Monte Carlo error counts those."
    )
    return Halves(planning.thinned(KEPT_DRAWS), held.thinned(KEPT_DRAWS), (note,))
