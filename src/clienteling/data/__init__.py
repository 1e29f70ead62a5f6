"""Sources of customers: opened as lazy tables, whose columns are recognised and checked."""
