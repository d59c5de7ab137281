"""Drills: every fault of the catalogue that can be brought about here, brought about, explained and mended.

    bring about ─▶ seen without being told ─▶ follow the steps ─▶ mended, says the twins' truth
      twins            a diagnosis opens          simulated person

A drill works at a real shop: two processes, devices on sockets, the same API as any program. The simulated
person knows only what could be seen from where they stand.
"""
