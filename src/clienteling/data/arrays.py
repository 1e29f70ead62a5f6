"""A column of an engine's answer as an array of numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["as_array"]


def as_array(values: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column of numbers as an array, without the detour over pandas.

    pyarrow's own ``to_numpy`` loads pandas first, where it is installed, which takes as long as an
    engine takes for millions of customers.

    Parameters
    ----------
    values : numbers of any type

    Returns
    -------
    array of shape (rows,)
        Whole numbers stay what they are where none is missing; all others are float64, NaN where
        a value is missing. It may not be written to.

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_array(pa.chunked_array([[1, 2], [3]])).tolist()
    [1, 2, 3]
    >>> as_array(pa.chunked_array([[1, 2], [None]])).tolist()
    [1.0, 2.0, nan]
    """
    plain = pa.types.is_integer(values.type) or values.type == pa.float64()
    if values.null_count or not plain:
        return np.asarray(values.cast(pa.float64(), safe=False).to_numpy())
    return np.from_dlpack(values.combine_chunks())
