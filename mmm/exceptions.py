"""Every failure Mixwise expects: one sentence that says what was found, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


class MixwiseError(Exception):
    """Base of every expected failure.

    Parameters
    ----------
    says : str
        What was found, as a clause without a final stop.
    where : str, optional
        File, row and column (by name), or the key path in a YAML file.
    do : str, optional
        The remedy, as an imperative sentence.

    Notes
    -----
    ``exit_code`` is the command line's: 2 bad input, 3 infeasible, 4 a check failed, 1 our fault.
    """

    exit_code = 1

    def __init__(self, says: str, *, where: str | None = None, do: str | None = None) -> None:
        self.says, self.where, self.do = says, where, do
        text = f"{where}: {says}" if where else says
        if not text.endswith((".", "!", "?")):
            text += "."
        super().__init__(f"{text} {do}" if do else text)


class DataError(MixwiseError):
    """A data file or a run folder cannot be used as it is."""

    exit_code = 2


class SpecError(MixwiseError):
    """A file or argument that a person wrote (model, brief, scenarios, world) is not understood."""

    exit_code = 2


class FitError(MixwiseError):
    """A fit could not be made, or is too poor to build on."""

    exit_code = 4


class InfeasibleError(MixwiseError):
    """No plan satisfies every constraint.

    Attributes
    ----------
    conflict : tuple of str
        A smallest set of constraints, in words, that contradict each other.
    """

    exit_code = 3

    def __init__(self, says: str, *, conflict: Sequence[str], where: str | None = None, do: str | None = None) -> None:
        self.conflict = tuple(conflict)
        super().__init__(says, where=where, do=do)


class SolverError(MixwiseError):
    """A solver gave no usable answer, after its fallbacks."""

    exit_code = 1
