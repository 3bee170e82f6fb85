"""Evaluates PyTensor expressions in plain Python: no compiler, so that a test costs milliseconds."""

from __future__ import annotations

from typing import Any

import pytensor
from pytensor.compile.mode import Mode

PLAIN = Mode(linker="py", optimizer=None)


def function(inputs: Any, outputs: Any) -> Any:
    return pytensor.function(inputs, outputs, mode=PLAIN, on_unused_input="ignore")
