"""Compiling in a forked child, so that every process runs the code that is on disk, the first one too.

Code that was compiled in a process calls functions that stand there already, compiled on their own; the same code read
from disk carries copies that were optimised with it. The two differ in the last bit, which a sampler turns into other
draws. When a child compiles and its parent reads what it wrote, the first fit gives the draws of every later one, and
an interrupted fit goes on as if it had never stopped.
"""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable

from numba.core.compiler_lock import global_compiler_lock

#: Seconds after which a child is given up; the code is then compiled here.
_PATIENCE = 600.0
_LOOK = 0.005


def in_child(compile_: Callable[[], object]) -> bool:
    """Run ``compile_`` in a forked child and say whether it ended well; False at once where processes cannot fork."""
    if not hasattr(os, "fork"):
        return False
    # Held here, so that no other thread's hold on it is copied into the child and never released there.
    with global_compiler_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads; the child only compiles
        child = os.fork()
    if child == 0:
        code = 1
        try:
            compile_()
            code = 0
        finally:
            os._exit(code)
    return _wait(child)


def _wait(child: int) -> bool:
    until = time.monotonic() + _PATIENCE
    try:
        while time.monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status) == 0
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        _end(child)
        raise
    _end(child)
    return False


def _end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
