"""Engines that hold the customers and run the queries: one small file each."""
