import re

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import JSONObject

_SETTLED = re.compile(r"marked (\d+) in doubt as (sent|resend)")
_CHANGES = re.compile(r"(\w+) (added|changed|deleted)")
_OWN = {"field added", "blacklist added", "filter deleted"}


def keep_old_lines(apps, _schema):
    """Old lines: the words beside a verb become one value, the number within a verb becomes a value."""
    activity = apps.get_model("deliveries", "Activity")
    activity.objects.exclude(detail="").update(params=JSONObject(detail=F("detail")))
    for kind in ("delivery", "run", "space"):
        activity.objects.filter(**{f"{kind}__isnull": False}).update(
            target_type={"run": "processingrun", "space": "sftpspace"}.get(kind, kind), target_id=F(f"{kind}_id")
        )
    for row in activity.objects.filter(verb__contains=" in doubt as ").iterator():
        settled = _SETTLED.fullmatch(row.verb)
        if settled:
            row.params = {"n": int(settled[1])}
            row.verb = "doubt marked sent" if settled[2] == "sent" else "doubt resent"
            row.save(update_fields=["verb", "params"])
    for verb in activity.objects.values_list("verb", flat=True).distinct().order_by():
        made = _CHANGES.fullmatch(verb)
        if made and verb not in _OWN:
            new = "removed" if made[2] == "deleted" else made[2]
            activity.objects.filter(verb=verb).update(verb=new, target_type=made[1])


class Migration(migrations.Migration):

    dependencies = [
        ("deliveries", "0007_links_and_how_they_are_tracked"),
    ]

    operations = [
        migrations.AddField("activity", "target_type", models.CharField(blank=True, db_default="", default="", max_length=40)),
        migrations.AddField("activity", "target_id", models.BigIntegerField(null=True)),
        migrations.AddField("activity", "target", models.CharField(blank=True, db_default="", default="", max_length=500)),
        migrations.AddField("activity", "params", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
        migrations.RunPython(keep_old_lines, migrations.RunPython.noop),
        # What the rows refer to is checked now: the table can't be altered while the checks wait for the commit.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField("activity", "detail"),
    ]
