"""Import once, then fork: what web, workers and commands need, without a connection and without a thread.

`python -m config.preload granian …` runs granian with its usual arguments after that. The web processes, which it
forks, then share the memory of what was imported, and start at once.
"""

import gc
import multiprocessing
import os
import runpy
import sys
from importlib import import_module

# What the processes import beside the apps and their tasks; the rest of the web process's is behind the URLs.
MODULES = (
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.thread",
    "config.beat",
    "config.consumer",
    "config.front.application",
    "config.front.refusals",
    "config.wsgi",
    "demo.log_ins",
    "django.core.management.commands.migrate",
    "granian.cli",
    "granian.server",
)


def preload() -> None:
    """Import everything, and keep the garbage collector away from it: what it touches is no longer shared.

    Nothing is collected before: what is freed here would be used again, and so copied, by each process. Raises
    SettingError.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    multiprocessing.set_start_method("fork")
    gc.disable()
    import django

    django.setup()
    from django.conf import settings
    from django.urls import get_resolver
    from django.utils.translation import trans_real

    from config.celery import app
    from config.health import known_migrations

    for module in MODULES:
        import_module(module)
    _ = get_resolver().url_patterns
    app.loader.import_default_modules()
    app.finalize()
    app.connection_for_write().get_transport_cls()
    known_migrations()
    for language, _name in settings.LANGUAGES:
        trans_real.translation(language)
    gc.freeze()
    gc.enable()


def run(module: str, *arguments: str) -> None:
    """Run this module as `python -m module arguments` does, in this process."""
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Name the module to run, such as: python -m config.preload granian --help")
    preload()
    run(*sys.argv[1:])
