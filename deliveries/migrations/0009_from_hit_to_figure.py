"""Raw hits and events by month, counters, kept figures (architecture, From hit to figure)."""

import django.db.models.deletion
from django.db import migrations, models

import deliveries.models.functions

# A primary key of a partitioned table holds what it is partitioned by. A sequence instead of an identity column:
# PostgreSQL 15 and 16 know none on a partitioned table.
HITS = """
CREATE SEQUENCE deliveries_hit_id_seq AS bigint;
CREATE TABLE deliveries_hit (
    id bigint NOT NULL DEFAULT nextval('deliveries_hit_id_seq'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind varchar(1) NOT NULL,
    delivery_id bigint,
    message_id bigint,
    link integer,
    target text NOT NULL,
    ip inet,
    agent varchar(500) NOT NULL,
    method varchar(8) NOT NULL,
    purpose varchar(60) NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE deliveries_hit_id_seq OWNED BY deliveries_hit.id;
CREATE TABLE deliveries_hit_default PARTITION OF deliveries_hit DEFAULT;
CREATE INDEX hits_of_a_message ON deliveries_hit (message_id, id) WHERE message_id IS NOT NULL;
"""
EVENTS = """
ALTER TABLE deliveries_event RENAME TO deliveries_event_before;
CREATE TABLE deliveries_event (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    message_id bigint,
    at timestamptz NOT NULL,
    action varchar(1) NOT NULL,
    origin varchar(7) NOT NULL,
    classification smallint,
    reference varchar(100) NOT NULL,
    ip inet,
    user_agent varchar(500) NOT NULL,
    key varchar(100),
    hit bigint
) PARTITION BY RANGE (at);
CREATE TABLE deliveries_event_default PARTITION OF deliveries_event DEFAULT;
INSERT INTO deliveries_event
    SELECT id, account_id, delivery_id, message_id, at, action, origin, classification, reference, ip, user_agent, key
    FROM deliveries_event_before;
INSERT INTO deliveries_eventkey (key, at)
    SELECT key, at FROM deliveries_event_before WHERE key IS NOT NULL;
INSERT INTO deliveries_counter (delivery_id, figure, dimension, key, stripe, value)
    SELECT delivery_id, CASE action WHEN 'o' THEN 'unsubscribed' WHEN 'l' THEN 'list_unsubscribed'
                                    WHEN 'z' THEN 'blacklisted' WHEN 'y' THEN 'temporary_blacklisted'
                                    ELSE 'complaints' END, '', '', 0, count(*)
    FROM deliveries_event_before WHERE action IN ('o', 'l', 'z', 'y', 'f') GROUP BY delivery_id, action;
DROP TABLE deliveries_event_before;
CREATE SEQUENCE deliveries_event_id_seq AS bigint OWNED BY deliveries_event.id;
SELECT setval('deliveries_event_id_seq', coalesce(max(id), 0) + 1, false) FROM deliveries_event;
ALTER TABLE deliveries_event ALTER id SET DEFAULT nextval('deliveries_event_id_seq'),
    ADD PRIMARY KEY (id, at),
    ADD CONSTRAINT known_action
        CHECK (action IN ('d', 'e', 'b', 'i', 'v', 'c', 'o', 's', 'm', 'k', 'j', 'y', 'z', 'a', 'f', 'l'));
CREATE INDEX events_of_a_delivery ON deliveries_event (delivery_id, action);
CREATE INDEX events_of_a_message ON deliveries_event (message_id, at);
CREATE INDEX events_by_time ON deliveries_event (account_id, at);
"""
MONTHS = """
DO $$
DECLARE month timestamptz; parent text;
BEGIN
    FOR ahead IN 0..2 LOOP
        month := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + ahead * interval '1 month';
        EXECUTE format('CREATE TABLE %I PARTITION OF deliveries_hit FOR VALUES FROM (%L) TO (%L)',
            'deliveries_hit_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM'), month, month + interval '1 month');
    END LOOP;
END $$;
"""
# Row by row, and only where a message leaves a final state: a sender's two writes never fire it. The row of the
# kept figures is written even where it is stale already, so that whoever counts waits for us, or we for him.
STALE = """
CREATE FUNCTION deliveries_figures_are_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deliveries_keptfigures SET stale = true WHERE delivery_id = NEW.delivery_id;
    RETURN NULL;
END $$;
CREATE TRIGGER figures_are_stale AFTER UPDATE OF status, category ON deliveries_message FOR EACH ROW
    WHEN (OLD.status NOT IN ('pending', 'sending', 'deferred')
          AND (OLD.status, OLD.category) IS DISTINCT FROM (NEW.status, NEW.category))
    EXECUTE FUNCTION deliveries_figures_are_stale();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0008_an_act_is_a_verb_and_its_values"),
        ("recipients", "0002_recipients_data"),
    ]
    operations = [
        migrations.CreateModel(
            name="ClassifierMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_hit", models.BigIntegerField(default=0)),
                ("moved_at", models.DateTimeField(db_default=deliveries.models.functions.DatabaseNow())),
            ],
        ),
        migrations.CreateModel(
            name="EventKey",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="KeptFigures",
            fields=[
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="kept_figures",
                        serialize=False,
                        to="deliveries.delivery",
                    ),
                ),
                ("outcomes", models.JSONField(default=dict)),
                ("breakdown", models.JSONField(default=dict)),
                ("stale", models.BooleanField(db_default=True, default=True)),
                ("counted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("figure", models.CharField(max_length=24)),
                ("dimension", models.CharField(blank=True, default="", max_length=8)),
                ("key", models.CharField(blank=True, default="", max_length=255)),
                ("stripe", models.SmallIntegerField(default=0)),
                ("value", models.BigIntegerField(default=0)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counters",
                        to="deliveries.delivery",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("delivery", "dimension", "figure", "key", "stripe"), name="one_counter_a_stripe"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=40)),
                ("first_at", models.DateTimeField()),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="deliveries.delivery",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("message_id", "key"), name="one_first_visit_a_link")
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("url", models.TextField()),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_targets",
                        to="deliveries.delivery",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("delivery", "key"), name="one_own_target_a_key")
                ],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="measured",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=3),
        ),
        migrations.AddField(
            model_name="delivery",
            name="tracking",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name="message", name="devices", field=models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(model_name="message", name="first_click_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="message", name="first_view_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="message", name="first_web_at", field=models.DateTimeField(null=True)),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Hit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(db_default=deliveries.models.functions.DatabaseNow())),
                        ("kind", models.CharField(max_length=1)),
                        ("delivery_id", models.BigIntegerField(null=True)),
                        ("message_id", models.BigIntegerField(null=True)),
                        ("link", models.PositiveIntegerField(null=True)),
                        ("target", models.TextField(blank=True, default="")),
                        ("ip", models.GenericIPAddressField(null=True)),
                        ("agent", models.CharField(blank=True, default="", max_length=500)),
                        ("method", models.CharField(default="GET", max_length=8)),
                        ("purpose", models.CharField(blank=True, default="", max_length=60)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("message_id__isnull", False)),
                                fields=["message_id", "id"],
                                name="hits_of_a_message",
                            )
                        ],
                    },
                ),
                migrations.AddField(model_name="event", name="hit", field=models.BigIntegerField(null=True)),
                migrations.AlterField(
                    model_name="event",
                    name="account",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="recipients.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="event",
                    name="delivery",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="deliveries.delivery",
                    ),
                ),
                migrations.AlterField(
                    model_name="event", name="key", field=models.CharField(max_length=100, null=True)
                ),
                migrations.AlterField(
                    model_name="event",
                    name="message",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="deliveries.message",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(HITS, migrations.RunSQL.noop),
                migrations.RunSQL(EVENTS, migrations.RunSQL.noop),
                migrations.RunSQL(MONTHS, migrations.RunSQL.noop),
                migrations.RunSQL(STALE, migrations.RunSQL.noop),
            ],
        ),
    ]
