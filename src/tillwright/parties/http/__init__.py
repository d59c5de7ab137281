"""HTTP/1.1 without sockets: a till's line to a party that speaks it, and the base of the twins that do."""
