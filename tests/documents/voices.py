"""Words for the tests: plain English that knows two currencies."""

from tillwright.documents.words import TEMPLATES, EnglishWords
from tillwright.kernel.rules import CurrencyRules

WORDS = EnglishWords((CurrencyRules("EUR", 2, 10_000_000, (100,)), CurrencyRules("VND", 0, 10**12, (1000,))))


class Wide(EnglishWords):
    """Every text twice as long and in Chinese: what fits for these fits for our languages."""

    def text(self, key: str, **facts: str) -> str:
        told = " ".join(facts.values())
        return "未知情况需要等待设备回答" * (len(TEMPLATES[key]) // 12 + 1) + told


class Long(EnglishWords):
    """Words that cannot be broken at a space."""

    def text(self, key: str, **facts: str) -> str:
        return super().text(key, **facts).replace(" ", "ш") + "Контрольнорегистрирующееустройство"
