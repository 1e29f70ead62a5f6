"""Words that mean "no value" to a saved model, said again of every table that it is used on."""

from __future__ import annotations

from dataclasses import replace

from clienteling.data.assumptions import Assumption
from clienteling.data.missing_words import is_missing_word, said_missing
from clienteling.data.read import Source, read
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.scoring import as_at_fit

__all__ = ["words_as_missing"]


def words_as_missing(model: AnyModel, customers: Source) -> list[str]:
    """Say which words in the columns of a model's categories count as missing, as at the fit.

    Whether they do is part of the model: how the table is read changes nothing in it. One query.

    Parameters
    ----------
    model : the segments
    customers : any source with the model's features

    Examples
    --------
    >>> import clienteling as cl
    >>> import pandas as pd
    >>> shop = pd.DataFrame({"orders": [n % 7 for n in range(60)], "plan": ["a", "b", "-"] * 20})
    >>> model = cl.segment(shop, ["orders"], categorical=["plan"], k=2)
    >>> words_as_missing(model, shop)
    ['Column "plan": 20 values such as "-" count as missing, as at the fit.']
    """
    if model.kind == "rules":  # of numbers alone
        return []
    asked = [
        each.column
        for each in model.categories
        if each.missing_words and not any(is_missing_word(str(level)) for level in each.levels)
    ]
    if not asked:
        return []
    table = replace(as_at_fit(model, read(customers)), as_written=frozenset())
    found = said_missing(table, asked)
    return [Assumption(f"{each.words}, as at the fit", each.column).sentence for each in found]
