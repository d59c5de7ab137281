"""The journal: what must never be forgotten, and the runner that writes it before anything is done."""
