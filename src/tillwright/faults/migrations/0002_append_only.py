"""What has happened stays as it was written."""

from django.db import migrations

TABLES = ("diagnosis_event", "learnt", "runbook", "probe_change")


def _forbid(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


class Migration(migrations.Migration):
    dependencies = (("faults", "0001_diagnoses"),)

    operations = tuple(
        migrations.RunSQL(_forbid(table, verb), f"DROP TRIGGER {table}_no_{verb.lower()}")
        for table in TABLES
        for verb in ("UPDATE", "DELETE")
    )
