"""Columns of Arrow as arrays of numpy, without pandas.

pyarrow's own ``to_numpy`` loads pandas where it is installed, even for plain numbers. That takes as
long as half a pass over ten million customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_array"]


def as_array(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return the values of a column of numbers; may be a view that can't be written to.

    Parameters
    ----------
    column : of shape (rows,)

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_array(pa.chunked_array([[1.5, 2.0], [4.0]])).tolist()
    [1.5, 2.0, 4.0]
    """
    import pyarrow.types as kinds

    plain = kinds.is_integer(column.type) or kinds.is_floating(column.type)
    if plain and not column.null_count:
        return np.from_dlpack(column.combine_chunks())
    found: NDArray[Any] = column.to_numpy()
    return found
