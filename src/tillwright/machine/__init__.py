"""What the machine gives us: SQLite opened safely, clocks, file locks, logs.

The lowest room that may touch the operating system; everything below it is pure.
"""
