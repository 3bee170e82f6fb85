"""Ctrl-C asks for the best plan so far; a second one leaves without."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible(tell: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a question that solvers can ask; the second interrupts as always.

    Parameters
    ----------
    tell : callable
        Called at the first Ctrl-C, to say what happens.

    Yields
    ------
    callable
        Whether Ctrl-C was pressed. Outside the main thread, where no signal arrives, always False.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.getsignal(signal.SIGINT)
    if before not in (signal.default_int_handler, None):
        # Whoever has a handler of its own, or ignores the signal, is not overruled.
        yield asked.is_set
        return

    def first(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        tell()

    signal.signal(signal.SIGINT, first)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
