"""Campaigns: who gets what, who is held out to measure it, and how the plan is written down."""
