"""Shifts, refunds, approvals, the outbox by document, enquiries, rulings, parties and the audit chain, as
`journal.schema_till` states them in SQL; what the first tables hold is taken along.
"""

from django.db import migrations, models

from tillwright.journal import schema_till

READ_MODELS = {
    "Shift": "shift",
    "CashCount": "cash_count",
    "Ruling": "ruling",
    "Enquiry": "enquiry",
    "Audit": "audit",
}


def unmanaged(name: str, table: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[("id", models.BigAutoField(primary_key=True))],
        options={"managed": False, "db_table": table},
    )


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(schema_till.statements(), schema_till.reverse_statements(), elidable=False),
        *(unmanaged(name, table) for name, table in READ_MODELS.items()),
    ]
