"""What Parquet files say of their own columns: how many rows, which range, how many missing."""

from __future__ import annotations

from collections.abc import Sequence

from clienteling.data.numbers import Usable
from clienteling.data.sql import LARGEST
from clienteling.data.table import Table

__all__ = ["usable_by_statistics"]

#: A number that can be compared as it stands in the file; decimals are whole numbers there.
_PLAIN = ("INT32", "INT64", "FLOAT", "DOUBLE")
_WHOLE = ("NONE", "INT")
#: To open more files than this may take as long as a pass over the customers.
_FILES = 1000


def usable_by_statistics(table: Table, features: Sequence[str]) -> Usable | None:
    """Return how many customers take part, where the files say that all of them do.

    The footers of Parquet files are read in milliseconds, however many customers there are. Their
    statistics may leave NaN out, so who trusts them must find as many usable customers in the end.

    Parameters
    ----------
    table : the customers
    features : columns of numbers

    Returns
    -------
    Usable or None
        None where the table is not one of Parquet files, they don't tell, or a value is missing or
        not finite.
    """
    import pyarrow.parquet as pq

    if not 0 < len(table.files) <= _FILES:
        return None
    rows, low, high = 0, dict.fromkeys(features, LARGEST), dict.fromkeys(features, -LARGEST)
    for path in table.files:
        footer = pq.read_metadata(path)
        named = [footer.schema.column(each) for each in range(footer.num_columns)]
        places = {each.path: at for at, each in enumerate(named)}
        for each in features:
            column = named[places[each]] if each in places else None
            if column is None or column.physical_type not in _PLAIN:
                return None
            if column.logical_type.type not in _WHOLE:
                return None
        rows += footer.num_rows
        for group in map(footer.row_group, range(footer.num_row_groups)):
            for each in features:
                told = group.column(places[each]).statistics
                if told is None or not told.has_min_max or not told.has_null_count:
                    return None
                ends = float(told.min), float(told.max)
                if told.null_count or not all(abs(end) <= LARGEST for end in ends):
                    return None
                # A range from 0 is written as one from -0.
                low[each] = min(low[each], ends[0] + 0.0)
                high[each] = max(high[each], ends[1] + 0.0)
    none = dict.fromkeys(features, 0)
    return Usable(rows, rows, none, dict(none), low, high)
