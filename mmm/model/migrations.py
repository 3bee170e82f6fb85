"""Fits of earlier formats, brought to the present one step by step; nothing in a file is ever executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mmm.exceptions import DataError

Step = Callable[[dict[str, Any]], dict[str, Any]]


def _with_lift_tests(stored: dict[str, Any]) -> dict[str, Any]:
    """1 → 2: the experiments that the fit was calibrated with; format 1 knew none."""
    return {**stored, "lift_tests": []}


def _with_form(stored: dict[str, Any]) -> dict[str, Any]:
    """2 → 3: form, route, calibration and priors from Python; format 2 wrote the first three at times."""
    new = {"calibration": [], "form": "fast", "form_why": "", "route_why": "", "own_priors": []}
    return {**new, **stored}


def _with_sources(stored: dict[str, Any]) -> dict[str, Any]:
    """3 → 4: what came from which source, and the comparison with the company's ledger; format 3 kept neither."""
    return {**stored, "data": {"sources": [], "reconciled": [], **(stored.get("data") or {})}}


#: Format of ``fit.json`` → how it becomes the next one.
STEPS: Mapping[int, Step] = {1: _with_lift_tests, 2: _with_form, 3: _with_sources}


def migrate(stored: Any, *, where: str, to: int) -> dict[str, Any]:
    """Return the content of ``fit.json`` in format ``to``.

    Parameters
    ----------
    stored : Any
        What the JSON file held.
    where : str
        The file, for messages.
    to : int

    Raises
    ------
    DataError
        It has no format, one that is no longer read, or one of a newer Mixwise.
    """
    given = stored.get("format") if isinstance(stored, dict) else None
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise DataError("this is not a fit that Mixwise wrote", where=where, do="Run 'mixwise fit' again.")
    if given > to:
        raise DataError(
            f"the fit has format {given}, and this version of Mixwise reads up to {to}",
            where=where,
            do="Update Mixwise; manifest.json beside it names the version that wrote it.",
        )
    for step in range(given, to):
        if step not in STEPS:
            raise DataError(f"fits of format {step} are no longer read", where=where, do="Run 'mixwise fit' again.")
        stored = {**STEPS[step](stored), "format": step + 1}
    return dict(stored)
