"""Columns of Arrow as arrays."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from clienteling.data.arrays import as_array


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([[1.5, -0.0], [float("nan"), 4.0]]),
        pa.chunked_array([[1, 2], [], [3]]),
        pa.chunked_array([[1, 2]], pa.int32()),
        pa.chunked_array([[1.0, None, 2.0]]),
        pa.chunked_array([[True, False]]),
        pa.chunked_array([[Decimal("1.5"), Decimal(2)]]),
        pa.chunked_array([], pa.float64()),
        pa.chunked_array([list(range(100))]).slice(7, 20),
    ],
)
def test_the_same_as_pyarrow_s(column):
    found, expected = as_array(column), column.to_numpy()
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
