"""Which offer each customer gets: the catalogue, and the recommendation by segment."""
