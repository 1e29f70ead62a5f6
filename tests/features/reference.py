"""Recency, frequency and monetary value in pandas, to hold the engine's against."""

from collections.abc import Mapping

import numpy as np
import pandas as pd


def reference(
    lines: pd.DataFrame, as_of: pd.Timestamp, cuts: Mapping[str, list[float]] | None = None
) -> pd.DataFrame:
    """Return a row per customer, sorted by ``customer_id``.

    ``lines`` has the columns customer, date (a timestamp), amount, returned (a flag) and invoice;
    rows without a customer are left out.
    """
    lines = lines.dropna(subset=["customer"]).assign(day=lambda frame: frame["date"].dt.normalize())
    customers = lines.groupby("customer").size().index.sort_values()
    bought, returned = lines[~lines["returned"]], lines[lines["returned"]]
    made = pd.DataFrame(index=customers)
    made["recency"] = (as_of - bought.groupby("customer")["day"].max()).dt.days
    made["frequency"] = bought.groupby("customer")["invoice"].nunique()
    made["frequency"] = made["frequency"].fillna(0).astype(int)
    gross = bought.groupby("customer")["amount"].sum().reindex(customers, fill_value=0.0)
    back = returned.groupby("customer")["amount"].sum().abs().reindex(customers, fill_value=0.0)
    made["monetary"] = gross - back
    made["tenure"] = (as_of - bought.groupby("customer")["day"].min()).dt.days
    made["mean_basket"] = (gross / made["frequency"]).where(made["frequency"] > 0)
    made["returns_share"] = (back / gross).where(gross > 0)
    buyers = made[made["recency"].notna()]
    for letter, measure in zip("rfm", ("recency", "frequency", "monetary"), strict=True):
        values = buyers[measure].round(6)
        if cuts and measure in cuts:
            below = np.searchsorted(cuts[measure], values, side="left")
        else:
            # The share of customers with a smaller value: equal values have equal shares.
            below = (values.rank(method="min") - 1).astype(int) * 5 // len(values)
        made[f"{letter}_score"] = pd.Series(below, index=buyers.index) + 1
    made["r_score"] = 6 - made["r_score"]
    return made.rename_axis("customer_id").reset_index()


def segment_of(r: int, f: int, m: int) -> str:
    """Return the RFM segment by plain conditions that don't hang on an order of rules."""
    if r >= 4:
        if f >= 4:
            return "Champions" if m >= 4 else "Loyal Customers"
        if f == 3 or (f == 2 and m >= 3):
            return "Potential Loyalists"
        return "New Customers" if (r, f) == (5, 1) else "Promising"
    if r == 3:
        if f >= 4:
            return "Loyal Customers"
        return "Need Attention" if f == 3 or m >= 4 else "About To Sleep"
    if f >= 4 and m >= 4:
        return "Can't Lose Them"
    if f >= 3 or (f == 2 and m >= 4):
        return "At Risk"
    return "Lost" if r == 1 and m <= 3 else "Hibernating"
