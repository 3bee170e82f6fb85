"""Names for the array types that signatures use."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
#: ``datetime64[D]``: the first day of each week.
WeekArray = npt.NDArray[np.datetime64]
