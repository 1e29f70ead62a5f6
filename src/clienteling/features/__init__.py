"""From what happened, transactions, to what a customer is like: a row per customer."""
