"""The words that every room shares: money, keys, time, faults, evidence, outcomes. Pure."""
