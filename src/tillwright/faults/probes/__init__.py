"""Every probe of the registry; importing this package writes them all down.

A probe is small: it looks at one thing, by the shortest way that proves something, and returns what it found.
Where a party can be asked, it is asked afresh; what was said yesterday is no finding.
"""

from tillwright.faults.probes import control, outside, own, people, printing, till

__all__ = ["control", "outside", "own", "people", "printing", "till"]
