"""Settings, all from the environment (12-factor), by topic. docs/settings.md describes each of them."""

# In this order: the first wrong setting is the one that is reported.
# isort: off
from config.settings.reading import *  # noqa: F403
from config.settings.reading import SettingError as SettingError
from config.settings.site import *  # noqa: F403
from config.settings.database import *  # noqa: F403
from config.settings.people import *  # noqa: F403
from config.settings.files import *  # noqa: F403
from config.settings.api import *  # noqa: F403
from config.settings.automation import *  # noqa: F403
from config.settings.background import *  # noqa: F403
from config.settings.news import *  # noqa: F403
from config.settings.public import *  # noqa: F403
from config.settings.records import *  # noqa: F403
