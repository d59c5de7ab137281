"""The journal's tables, as `journal.schema` states them in SQL.

The models read them and are not managed: of those Django need know no more than that they are there.
"""

from django.db import migrations, models

from tillwright.journal import schema

READ_MODELS = {
    "Operation": "operation",
    "Event": "event",
    "Entry": "entry",
    "Balance": "balance",
    "Document": "document",
    "DeviceDocument": "device_document",
    "Outbox": "outbox",
    "Fault": "fault",
}


def unmanaged(name: str, table: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[("id", models.BigAutoField(primary_key=True))],
        options={"managed": False, "db_table": table},
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(schema.statements(), schema.reverse_statements(), elidable=False),
        *(unmanaged(name, table) for name, table in READ_MODELS.items()),
    ]
