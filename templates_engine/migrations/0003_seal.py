"""Adds a seal to every version. Existing rows are assumed to be what was imported, because nothing can prove it.

To make sure, compare `template export` with the imported files before migrating.
"""

from django.db import migrations, models

import common.keys

FORWARD = """
CREATE OR REPLACE FUNCTION baton_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.template_id, NEW.number, NEW.source, NEW.document, NEW.program)
       IS DISTINCT FROM (OLD.id, OLD.template_id, OLD.number, OLD.source, OLD.document, OLD.program)
       OR (OLD.seal <> '' AND NEW.seal <> OLD.seal) THEN
        RAISE EXCEPTION 'a template version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION baton_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.template_id, NEW.number, NEW.source, NEW.document, NEW.program)
       IS DISTINCT FROM (OLD.template_id, OLD.number, OLD.source, OLD.document, OLD.program) THEN
        RAISE EXCEPTION 'a template version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""


def seal_all(apps, _editor) -> None:  # type: ignore[no-untyped-def]
    """Sign every version as stored."""
    from templates_engine.store.seals import sealed

    for version in apps.get_model("templates_engine", "TemplateVersion").objects.select_related("template"):
        version.seal = common.keys.sign(sealed(version))
        version.save(update_fields=["seal"])


class Migration(migrations.Migration):
    dependencies = [("templates_engine", "0002_frozen")]
    operations = [
        migrations.AddField(
            "templateversion",
            "seal",
            models.CharField(max_length=common.keys.SIGNATURE_MAX, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
