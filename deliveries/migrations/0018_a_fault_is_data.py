from django.db import migrations, models

_WRITTEN = "jsonb_build_object('key', 'written', 'params', jsonb_build_object('text', {text}, 'code', {code}))"

# Sentences that were kept in words are read as they stand, masked where a reader may not see people.
_RUNS = f"""
UPDATE deliveries_processingrun SET
    fault = CASE WHEN error = '' THEN NULL ELSE {_WRITTEN.format(text="error", code="code")} END,
    first_fault = CASE WHEN first_error = '' THEN NULL ELSE {_WRITTEN.format(text="first_error", code="''")} END,
    faults = coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'file', coalesce(each -> 'file', '""'), 'line', coalesce(each -> 'line', '0'),
            'element', coalesce(each -> 'element', '""'),
            'fault', {_WRITTEN.format(text="coalesce(each ->> 'message', each #>> '{}')", code="coalesce(each ->> 'code', '')")}
        ) ORDER BY place)
        FROM jsonb_array_elements(faults) WITH ORDINALITY AS problem(each, place)
    ), '[]'::jsonb)
"""
_ROWS = f"""
UPDATE deliveries_rowerror SET fault = {_WRITTEN.format(text="reason", code="code")}
"""


class Migration(migrations.Migration):

    dependencies = [
        ("deliveries", "0017_a_senders_waves_have_a_fence"),
    ]

    operations = [
        migrations.RenameField("processingrun", "problems", "faults"),
        migrations.RenameField("processingrun", "warnings", "notes"),
        migrations.AddField("processingrun", "fault", models.JSONField(null=True, verbose_name="error")),
        migrations.AddField("processingrun", "first_fault", models.JSONField(null=True, verbose_name="first error")),
        migrations.RunSQL(_RUNS, migrations.RunSQL.noop),
        migrations.RemoveField("processingrun", "error"),
        migrations.RemoveField("processingrun", "first_error"),
        migrations.AddField("runtransition", "fault", models.JSONField(null=True)),
        migrations.AddField("rowerror", "fault", models.JSONField(null=True)),
        migrations.RunSQL(_ROWS, migrations.RunSQL.noop),
        migrations.AlterField("rowerror", "fault", models.JSONField()),
        migrations.RemoveField("rowerror", "reason"),
    ]
