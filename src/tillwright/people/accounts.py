"""Writing accounts: plain SQL on a connection that is handed in.

Only the station's writer thread writes the station's database, so these functions take its connection:
`station().write(lambda connection: set_pin(connection, 7, "4711"))`. Before the station runs, the demo and
the installation hand in a connection of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.machine.sqlite import Connection
from tillwright.people.models import Role
from tillwright.people.pins import hash_pin


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person to be: number and PIN as typed at the till."""

    number: int
    name: str
    role: str
    pin: str
    language: str = ""

    def __repr__(self) -> str:
        return f"NewAccount(number={self.number}, name={self.name!r}, role={self.role!r})"


def put_account(connection: Connection, account: NewAccount, pin_hash: str = "") -> None:
    """Make an account, or give the one with this number these values. Making a hash takes as long as writing
    several sales, so whoever runs in the writer hands in one that was made before.

    Raises ValueError for a role that is none or a PIN that is not 4 to 8 digits.
    """
    if account.role not in Role.values:
        raise ValueError(f"no role {account.role!r}")
    connection.execute(
        "INSERT INTO account (number, name, role, pin_hash, language, theme, is_active)"
        " VALUES (?, ?, ?, ?, ?, '', 1)"
        " ON CONFLICT (number) DO UPDATE SET name = excluded.name, role = excluded.role,"
        " pin_hash = excluded.pin_hash, language = excluded.language, is_active = 1",
        (account.number, account.name, account.role, pin_hash or hash_pin(account.pin), account.language),
    )


def set_pin(connection: Connection, number: int, pin: str, pin_hash: str = "") -> None:
    """Give an account another PIN (or the hash of one); its live session ends with the next press."""
    hashed = pin_hash or hash_pin(pin)
    connection.execute("UPDATE account SET pin_hash = ? WHERE number = ?", (hashed, number))


def set_language(connection: Connection, number: int, language: str) -> None:
    """Keep the language that a person has chosen."""
    connection.execute("UPDATE account SET language = ? WHERE number = ?", (language, number))


def set_theme(connection: Connection, number: int, theme: str) -> None:
    """Keep the look that a person has chosen."""
    connection.execute("UPDATE account SET theme = ? WHERE number = ?", (theme, number))


def set_role(connection: Connection, number: int, role: str) -> None:
    """Let a person do more or less from the next press on. Raises ValueError for a role that is none."""
    if role not in Role.values:
        raise ValueError(f"no role {role!r}")
    connection.execute("UPDATE account SET role = ? WHERE number = ?", (role, number))


def open_account(connection: Connection, number: int) -> None:
    """Let a person work here again, with the PIN of before."""
    connection.execute("UPDATE account SET is_active = 1 WHERE number = ?", (number,))


def close_account(connection: Connection, number: int) -> None:
    """Let a person work here no more; what they have done keeps their name."""
    connection.execute("UPDATE account SET is_active = 0 WHERE number = ?", (number,))
