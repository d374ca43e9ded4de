"""No line of the audit log is changed or deleted, whoever asks: the database refuses it (reference 9).

What refers to a thing may be cut when the thing goes. Pruning and an erasure say so for their own transaction
(`audit.opened_for`).
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION deliveries_activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('xmld.audit_opened_for', true) IN ('prune', 'erase') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - ARRAY['delivery_id', 'run_id', 'space_id', 'actor_id'])
                          = (to_jsonb(OLD) - ARRAY['delivery_id', 'run_id', 'space_id', 'actor_id'])
       AND (NEW.delivery_id IS NULL OR NEW.delivery_id = OLD.delivery_id)
       AND (NEW.run_id IS NULL OR NEW.run_id = OLD.run_id)
       AND (NEW.space_id IS NULL OR NEW.space_id = OLD.space_id)
       AND (NEW.actor_id IS NULL OR NEW.actor_id = OLD.actor_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON deliveries_activity
    FOR EACH ROW EXECUTE FUNCTION deliveries_activity_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0010_one_index_for_each_look_back")]

    operations = [
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER append_only ON deliveries_activity; DROP FUNCTION deliveries_activity_is_append_only();",
        )
    ]
