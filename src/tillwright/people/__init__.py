"""Who works here: accounts, roles, sign-in and its limits, one live session each, tokens of tills."""
