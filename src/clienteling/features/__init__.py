"""From columns to features: transactions per customer, and the transforms."""
