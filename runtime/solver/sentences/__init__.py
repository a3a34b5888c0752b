"""Chains of thought (`cot`): the sums that sentences state, and the answer that the last one names."""
