"""The world on virtual time, its judge, the naive till and the planted bugs: how the promises are proved.

One seed decides everything: chance, latencies, faults, crashes, what people do. The runner, the recovery, the
adapter and the twin are the real ones; only their driver is another: a heap of events instead of threads and
sockets.

    agenda      virtual time
    chance      what strikes, how often, drawn from the seed
    network     a line between a till and its device
    disk        the journal's disk: commits that fail, a station that stops in the middle of one
    station     the driver of the real runner
    people      cashiers, customers, their baskets; seniors: who rules; days: what they come for
    operators   the operator, its lines to tills and devices
    books       the devices' own books, and what they once held
    judge       the promises, checked after every step
    world       all of it together, in two acts
    naive       the same world around a till as they are usually written
    auditor     what lies between operations: deliveries, closed shifts, rulings, what is told
    planting    how a bug is put in on purpose, and hunted
    planted     the bugs about journal, legs and books; planted_till: those of a fiscal till's own
"""
