"""What the doctor itself says, in every language; what it says of faults and steps is the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping

from tillwright.catalogue.languages import Wording, ours

WORDS: Mapping[str, Wording] = {
    "healthy": Wording("healthy", "khoẻ", "исправно", "正常"),
    "warning": Wording("warning", "cảnh báo", "внимание", "警告"),
    "sick": Wording("sick", "có lỗi", "неисправно", "异常"),
    "unknown": Wording("not known", "chưa rõ", "неизвестно", "未知"),
    "follows": Wording("follows", "do", "следствие", "源于"),
    "station": Wording("station", "cửa hàng", "станция", "站点"),
    "all-healthy": Wording(
        "Everything here is healthy.",
        "Mọi thứ ở đây đều hoạt động tốt.",
        "Здесь всё исправно.",
        "这里一切正常。",
    ),
    "something-sick": Wording(
        "Something here is sick.", "Ở đây có thứ bị lỗi.", "Здесь что-то неисправно.", "这里有异常。"
    ),
    "something-unknown": Wording(
        "Nothing sick was found, but not everything could be looked at.",
        "Không thấy lỗi, nhưng có phần không kiểm tra được.",
        "Неисправностей не найдено, но посмотреть удалось не всё.",
        "没有发现异常，但有些部分无法查看。",
    ),
    "down": Wording(
        "The station does not answer ({why}). It is looked at from outside.",
        "Chương trình không trả lời ({why}). Đang kiểm tra từ bên ngoài.",
        "Станция не отвечает ({why}). Осмотр снаружи.",
        "站点没有应答（{why}）。从外部查看。",
    ),
    "faults": Wording("What is wrong, the likeliest first:", "Lỗi, khả năng cao trước:", "Что не так, вероятное сначала:", "问题，可能性高的在前："),  # noqa: E501  # a line holds one sentence in all languages
    "which": Wording("Which one?", "Chọn lỗi nào?", "Какая из них?", "是哪一个？"),
    "none-of-these": Wording("None of these", "Không phải các lỗi này", "Ничего из этого", "以上都不是"),
    "not-found": Wording(
        "These words are those of no fault that is known.",
        "Không có lỗi nào ứng với những từ này.",
        "По этим словам неисправность не найдена.",
        "没有与这些文字对应的已知故障。",
    ),
    "open-diagnosis": Wording(
        "Nothing sick was found now, but not everything that was begun is finished.",
        "Hiện không thấy lỗi, nhưng có việc tìm nguyên nhân chưa xong.",
        "Сейчас неисправностей не найдено, но начатое ещё не закончено.",
        "现在没有发现异常，但仍有未完成的处理。",
    ),
    "type-number": Wording(
        "Type a number from 1 to {most}; Ctrl+D leaves.",
        "Hãy gõ một số từ 1 đến {most}; Ctrl+D để thoát.",
        "Введите число от 1 до {most}; Ctrl+D: выйти.",
        "请输入 1 到 {most} 的数字；按 Ctrl+D 离开。",
    ),
    "begin": Wording(
        "Find the cause now?", "Tìm nguyên nhân ngay?", "Найти причину сейчас?", "现在查找原因吗？"
    ),
    "no": Wording("No", "Không", "Нет", "否"),
    "cannot-tell": Wording("Cannot tell", "Không biết", "Не могу сказать", "无法判断"),
    "done": Wording("Done", "Đã làm xong", "Сделано", "已完成"),
    "agree": Wording("Agree: the program does it", "Đồng ý: chương trình làm", "Согласиться: сделает программа", "同意：由程序执行"),  # noqa: E501  # a line holds one sentence in all languages
    "skip": Wording("Not this", "Bỏ qua", "Не это", "跳过"),
    "back": Wording("Back", "Quay lại", "Назад", "返回"),
    "quit": Wording("Leave it", "Để sau", "Выйти", "离开"),
    "never": Wording("Never meanwhile:", "Không được làm:", "Нельзя:", "禁止："),
    "escalate": Wording("Hand it over now", "Chuyển cho người khác", "Передать сейчас", "现在移交"),
    "looking": Wording("The program is looking …", "Chương trình đang kiểm tra …", "Программа смотрит …", "程序正在查看……"),  # noqa: E501  # a line holds one sentence in all languages
    "mended": Wording("It is mended.", "Đã khắc phục xong.", "Исправлено.", "已修复。"),
    "open": Wording("It is still open.", "Lỗi vẫn còn.", "Вопрос остаётся открытым.", "问题仍未解决。"),
    "escalated": Wording("It is handed over.", "Đã chuyển giao.", "Передано.", "已移交。"),
    "led-to": Wording("Go on with its cause:", "Tiếp tục với nguyên nhân:", "Дальше, к причине:", "继续处理其原因："),  # noqa: E501  # a line holds one sentence in all languages
}  # fmt: skip
"""Everything the doctor says; '{why}' and '{most}' are filled in."""


def word(name: str, language: str) -> str:
    """One of them in a reader's language."""
    return WORDS[name].text(ours(language))
