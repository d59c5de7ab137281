"""A small sound file of entries, and a way to spoil it."""

FILE = "demo/faults/till.yaml"

ENTRY = """\
- code: till.red-blocks
  part: till
  severity: stop
  category: operation
  http_status: 409
  facts: [number]
  says:
    en: "Receipt {number} is red."
    vi: "Hóa đơn {number} đang đỏ."
    ru: "Чек {number} красный."
    zh: "小票 {number} 为红色。"
  next:
    en: "Settle it first."
    vi: "Hãy xử lý trước."
    ru: "Сначала разберите его."
    zh: "请先处理。"
  known_as:
    en: ["red receipt"]
    vi: ["hóa đơn đỏ"]
    ru: ["красный чек"]
    zh: ["红单"]
"""

MORE = """\
  audiences:
    customer:
      says:
        en: "One moment."
        vi: "Xin chờ."
        ru: "Одну минуту."
        zh: "请稍候。"
  program:
    says: "Operation {number} is red."
    next: "Wait."
"""


def spoilt(old: str, new: str, text: str = ENTRY + MORE) -> dict[str, str]:
    """The sound file with one piece replaced; the piece must be there."""
    if old not in text:
        raise ValueError(f"not in the sample: {old!r}")
    return {FILE: text.replace(old, new, 1)}
