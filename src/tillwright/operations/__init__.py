"""The heart: an operation and its legs, decided without touching the world; the ports' protocols."""
