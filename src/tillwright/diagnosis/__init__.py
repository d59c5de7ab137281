"""Diagnosis: which step to take next so that a fault is gone with the least effort.

Pure: runbooks and beliefs go in, the next step comes out. `runbook` is what it thinks about.
"""
