from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("recipients", "0008_an_account_asks_above_a_number"),
    ]

    operations = [
        migrations.AddField(
            "account",
            "report_language",
            models.CharField(db_default="en", default="en", max_length=5, verbose_name="language of reports"),
        ),
    ]
