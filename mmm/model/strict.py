"""Strict reproduction: nothing is taken from a compiler's cache, so that two runs execute the same machine code.

Code compiled beside its callers and code that is read back from a cache are optimised together in different ways, and
differ in the last bit of a sum; a sampler turns that into other draws of the same posterior. With an empty cache for
each run, both numba's and PyTensor's, the code is always compiled in the same way.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmm.exceptions import SpecError

_COMPILERS = ("numba", "pytensor")


@contextmanager
def fresh_code() -> Iterator[None]:
    """Compile everything anew, in a folder of its own that is removed at the end.

    Raises
    ------
    SpecError
        A compiler is loaded already: its code may come from a cache.
    """
    loaded = [name for name in _COMPILERS if name in sys.modules]
    if loaded:
        raise SpecError(
            f"a strictly reproducible fit needs a process of its own, and {loaded[0]} is loaded in this one",
            where="--strict-reproducible",
            do="Run 'mixwise fit' from the command line.",
        )
    with tempfile.TemporaryDirectory(prefix="mixwise-strict-", ignore_cleanup_errors=True) as folder:
        flags = [
            part for part in (os.environ.get("PYTENSOR_FLAGS"), f"base_compiledir={Path(folder, 'graphs')}") if part
        ]
        os.environ["PYTENSOR_FLAGS"] = ",".join(flags)
        os.environ["NUMBA_CACHE_DIR"] = str(Path(folder, "kernels"))
        yield
