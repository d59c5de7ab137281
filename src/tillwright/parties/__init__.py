"""The parties: for each an adapter that speaks its protocol, and a twin that is the other end of it."""
