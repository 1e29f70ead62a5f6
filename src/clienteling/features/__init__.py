"""From columns and transactions to features: what a customer is like, and how it is measured."""
