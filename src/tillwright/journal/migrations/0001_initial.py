"""The journal's tables, as `journal.schema` states them in SQL."""

from django.db import migrations

from tillwright.journal import schema


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(schema.statements(), elidable=False)]
