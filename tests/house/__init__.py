"""The rules of the house as tests, so that nobody has to remember them."""
