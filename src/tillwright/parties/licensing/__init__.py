"""Licensing of the till's software: the adapter that asks whether all is paid and current, and its twin."""
