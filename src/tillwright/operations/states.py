"""The states of a leg and of an operation, and the names of everything that can happen to them."""

from __future__ import annotations

from enum import Enum


class LegState(Enum):
    """What is known of one leg."""

    PLANNED = "planned"
    """not sent; it has certainly not happened"""
    SENT = "sent"
    """journaled as sent, no answer yet"""
    DONE = "done"
    """it happened; evidence attached"""
    REFUSED = "refused"
    """it did not happen; reason attached"""
    UNKNOWN = "unknown"
    """sent, and nobody knows"""
    UNDONE = "undone"
    """it happened, and was reversed; evidence attached"""


class OperationState(Enum):
    """What is known of an operation as a whole."""

    OPEN = "open"
    """in progress"""
    DONE = "done"
    """happened at every party that counts"""
    REFUSED = "refused"
    """happened nowhere"""
    UNDOING = "undoing"
    """its only unfinished legs are reversals"""
    UNDONE = "undone"
    """had begun to happen and was brought back everywhere"""
    RED = "red"
    """some leg is unknown and asking has not helped yet; a person is told"""


ENDED = frozenset({OperationState.DONE, OperationState.REFUSED, OperationState.UNDONE})
"""States in which nothing is expected any more (contradicting evidence may still come)."""


class Happening(Enum):
    """Every event by the name under which the tables know it."""

    STARTED = "started"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    NO_ANSWER = "no_answer"
    RESTARTED = "restarted"
    FOUND = "found"
    ABSENT = "absent"
    SILENT = "silent"
    RULED_HAPPENED = "ruled_happened"
    RULED_DID_NOT = "ruled_did_not"
    CONTRADICTED_HAPPENED = "contradicted_happened"
    CONTRADICTED_DID_NOT = "contradicted_did_not"
    DUE = "due"
    PRINTED = "printed"
    DELIVERED = "delivered"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    CONTINUE = "continue"
    GIVE_UP = "give_up"
    TENDER = "tender"


class Question(Enum):
    """What a person is asked while an operation waits for an answer."""

    CONTINUE_OR_GIVE_UP = "continue-or-give-up"
    """the link broke in mid-operation, or the device proved that it has nothing: go on, or not?"""
    KEEP_OR_REVERSE = "keep-or-reverse"
    """a party holds what we had ended as not happened: goods and money had gone back"""
    SETTLE = "settle"
    """only a person's ruling can end it"""


class Goal(Enum):
    """Where an unfinished operation is heading."""

    FORWARD = "forward"
    BACK = "back"
