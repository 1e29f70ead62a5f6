"""Who is held out: customers who would be contacted and are not, so that the lift can be measured.

A hash of campaign and customer decides, the same in Python and on every engine. Beside the share
of the campaign there is one of the shop: customers whom no campaign contacts.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.portable_hash import hash_of, hash_sql, threshold
from clienteling.data.sql import text
from clienteling.errors import InputError

__all__ = ["Holdout"]


@dataclass(frozen=True)
class Holdout:
    """The customers that a campaign holds out.

    Parameters
    ----------
    campaign : its name; each campaign draws anew
    share : of the customers, from 0 to below 1
    global_share : of the customers, the same ones in every campaign of a shop
    shop : its name, from which these are drawn

    Raises
    ------
    InputError
        A share is not from 0 to below 1.

    Examples
    --------
    >>> holdout = Holdout("spring", 0.5)
    >>> [customer for customer in range(8) if holdout.holds(customer)]
    [0, 1, 3, 4, 5, 7]
    >>> round(Holdout("spring", 0.1, 0.02).probability, 3)
    0.118
    """

    campaign: str
    share: float = 0.0
    global_share: float = 0.0
    shop: str = "shop"

    def __post_init__(self) -> None:
        faults = [
            f"{what} is {share:g}; it must be from 0 to below 1."
            for what, share in (
                ("the share that is held out", self.share),
                ("the share that every campaign holds out", self.global_share),
            )
            if not 0 <= share < 1
        ]
        if faults:
            raise InputError(
                "The holdout can't be drawn.",
                faults=faults,
                hint="Write a tenth as --holdout 0.1 or 10%.",
            )

    @property
    def probability(self) -> float:
        """With which a customer is held out, by the one or the other."""
        return 1.0 - (1.0 - self.share) * (1.0 - self.global_share)

    def holds(self, customer_id: int | str) -> bool:
        """Whether a customer is held out."""
        return any(
            hash_of(customer_id, salt) < threshold(share) for salt, share in self._draws if share
        )

    def condition(self, customer_id: exp.Expr) -> exp.Expr | None:
        """Return the same as a condition over a column of ids; None where nobody is held out."""
        parts = [
            exp.LT(this=hash_sql(customer_id, salt), expression=text(threshold(share)))
            for salt, share in self._draws
            if share
        ]
        return exp.or_(*parts) if parts else None

    @property
    def _draws(self) -> tuple[tuple[str, float], tuple[str, float]]:
        return (
            (f"holdout:{self.campaign}:", self.share),
            (f"global-holdout:{self.shop}:", self.global_share),
        )
