"""Double-entry books of money and quantity; pure."""
