"""The demo: a whole shop on one machine, with twins that misbehave on request; replay, verify, drills."""
