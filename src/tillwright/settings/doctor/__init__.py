"""`tillwright doctor`: what is wrong here, and what to do about it, in a terminal.

    the station answers  ─▶  ask it (calling)  ──┐
    it does not          ─▶  look from outside ──┴─▶  verdict (reporting)  ─▶  a diagnosis (talking)

It never takes the place of the station: it changes nothing of its data, and keeps no lock.
"""
