"""The search index of goods: word beginnings, and groups of three letters; both are written by till/goods.py."""

from django.db import migrations

WORDS = """
CREATE TABLE goods_word (
    word TEXT NOT NULL,
    goods INTEGER NOT NULL REFERENCES goods (id),
    PRIMARY KEY (word, goods)
) STRICT, WITHOUT ROWID
"""
OF_GOODS = "CREATE INDEX goods_word_goods ON goods_word (goods)"
LETTERS = """
CREATE VIRTUAL TABLE goods_letters
USING fts5 (fold, content = '', contentless_delete = 1, tokenize = 'trigram')
"""


class Migration(migrations.Migration):
    dependencies = [("till", "0001_goods_and_baskets")]
    operations = [migrations.RunSQL([WORDS, OF_GOODS, LETTERS], elidable=False)]
