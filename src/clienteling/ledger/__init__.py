"""The store: campaigns, decisions, outcomes, stock and budgets, consent and opt-outs."""

from importlib.util import find_spec

from clienteling.errors import MissingExtra

if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
    raise MissingExtra("Stores of campaigns", "campaigns")
