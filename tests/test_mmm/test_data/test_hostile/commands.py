"""``mixwise …`` as a person types it, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import mixwise


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@contextmanager
def _typed(*words: object) -> Iterator[None]:
    before = sys.argv
    sys.argv = ["mixwise", *map(str, words)]
    try:
        yield
    finally:
        sys.argv = before


def command(*words: object) -> Said:
    """Run a command through the front door, to the exit code that a shell would see."""
    out, err = StringIO(), StringIO()
    code: object = 0
    with _typed(*words), redirect_stdout(out), redirect_stderr(err):
        try:
            mixwise.main()
        except SystemExit as left:
            code = left.code
    return Said(code if isinstance(code, int) else 1, out.getvalue(), err.getvalue())
