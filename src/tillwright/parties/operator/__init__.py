"""The fiscal document operator: the adapter that carries documents to it and asks it, and its twin."""
