"""From customers to named segments: fit, choose k, compare, name, explain, score."""
