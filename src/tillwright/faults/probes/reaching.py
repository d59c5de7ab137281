"""How far one gets towards an address: its name, the connection, the certificate."""

from __future__ import annotations

import socket
import ssl

from tillwright.faults.scene import Address

REACH_S = 2.0
HANG_UP_S = 0.2
"""One who does not want the connection ends it at once; nobody here speaks before he is spoken to."""
REACHED, NO_NAME, NO_LINE, NO_TRUST = "reached", "no-name", "no-line", "no-trust"


def reach(address: Address, within_s: float = REACH_S) -> tuple[str, str]:
    """How far one gets (REACHED, or why not), and how that was found. Nothing is sent."""
    try:
        with socket.create_connection((address.host, address.port), within_s) as line:
            if address.context is not None:
                address.context.wrap_socket(line, server_hostname=address.host).close()
            elif _hangs_up(line):
                return NO_LINE, f"{address} hangs up at once"
    except socket.gaierror:
        return NO_NAME, f"the name {address.host} leads nowhere"
    except ssl.SSLError as error:
        return NO_TRUST, f"{address}: {error.reason or 'no trust'}"
    except OSError as error:
        return NO_LINE, f"{address}: {error.strerror or error}"
    return REACHED, f"{address} took the connection"


def _hangs_up(line: socket.socket) -> bool:
    line.settimeout(HANG_UP_S)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
