"""What must hold before an operation may begin. Refused here means: nothing has been written, nothing has
been sent.

Two questions: is the request right in itself (`content_fault`), and is it right now (`moment_fault`)?
"""

from __future__ import annotations

from tillwright.operations.contents import content_fault
from tillwright.operations.moments import moment_fault
from tillwright.operations.requests import Facts, Grant, Request

__all__ = ["Facts", "Grant", "Request", "content_fault", "moment_fault"]
