"""Make events and content versions append-only for all roles, including the application's own (I05, I07)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION baton_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON tickets_event
    FOR EACH ROW EXECUTE FUNCTION baton_append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON tickets_event
    FOR EACH STATEMENT EXECUTE FUNCTION baton_append_only();
CREATE TRIGGER content_append_only BEFORE UPDATE OR DELETE ON tickets_contentversion
    FOR EACH ROW EXECUTE FUNCTION baton_append_only();
CREATE TRIGGER content_no_truncate BEFORE TRUNCATE ON tickets_contentversion
    FOR EACH STATEMENT EXECUTE FUNCTION baton_append_only();

CREATE SEQUENCE tickets_number_seq;
"""
BACKWARD = """
DROP SEQUENCE tickets_number_seq;
DROP TRIGGER content_no_truncate ON tickets_contentversion;
DROP TRIGGER content_append_only ON tickets_contentversion;
DROP TRIGGER event_no_truncate ON tickets_event;
DROP TRIGGER event_append_only ON tickets_event;
DROP FUNCTION baton_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
