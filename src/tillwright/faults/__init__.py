"""Faults explained: probes that look, actions that mend, diagnoses that lead from one to the other.

Probes find out how the parts of a station are (`probes`, run by `looking`), by schedule (`watching`) and
inside a diagnosis; actions mend (`actions`). A diagnosis (`running`) keeps its events in the station's
database (`store`); what to do next is decided below, in `tillwright.diagnosis`, from a runbook of the
catalogue.
"""
