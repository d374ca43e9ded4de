from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("recipients", "0007_api_tokens"),
    ]

    operations = [
        migrations.AddField(
            "account",
            "report_language",
            models.CharField(db_default="en", default="en", max_length=5, verbose_name="language of reports"),
        ),
    ]
