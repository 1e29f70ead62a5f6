"""Policies: which offer a customer gets, with which probability, and why."""
