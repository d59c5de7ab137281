"""Settings and the composition root: the one place that knows every room and joins them."""
