"""A trigger: a stored template version never changes, except for its state and its publishing time (I09)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION baton_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.template_id, NEW.number, NEW.source, NEW.document, NEW.program)
       IS DISTINCT FROM (OLD.template_id, OLD.number, OLD.source, OLD.document, OLD.program) THEN
        RAISE EXCEPTION 'a template version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER template_version_frozen BEFORE UPDATE ON templates_engine_templateversion
    FOR EACH ROW EXECUTE FUNCTION baton_frozen_version();
"""
BACKWARD = """
DROP TRIGGER template_version_frozen ON templates_engine_templateversion;
DROP FUNCTION baton_frozen_version();
"""


class Migration(migrations.Migration):
    dependencies = [("templates_engine", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
