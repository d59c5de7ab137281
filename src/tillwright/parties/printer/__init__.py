"""The receipt printer: ESC/POS over TCP, its adapter and its twin. What it prints never decides anything."""
