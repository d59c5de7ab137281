"""The fiscal control device: the adapter that talks to it, and its twin."""
