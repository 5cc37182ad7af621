"""The demo password is not accepted outside the demo (A49)."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from demo.log_ins import demo_log_ins, require_changed_passwords

pytestmark = pytest.mark.usefixtures("world")


def test_A49_the_web_does_not_start_where_others_could_log_in_with_it(settings) -> None:
    require_changed_passwords()
    settings.IS_PUBLIC = True
    with pytest.raises(SystemExit, match="alice"):
        require_changed_passwords()
    assert {"admin", "alice", "heidi"} <= set(demo_log_ins())
    User.objects.update(is_active=False)
    require_changed_passwords()


def test_A49_an_administrator_of_another_name_counts_too(settings) -> None:
    settings.IS_PUBLIC = True
    password = User.objects.get(username="admin").password
    User.objects.update(password="!")
    require_changed_passwords()
    User.objects.filter(username="erin").update(username="root", is_admin=True, password=password)
    with pytest.raises(SystemExit, match=r"Accounts root: .*changepassword"):
        require_changed_passwords()


def test_A49_the_demonstration_is_not_loaded_into_an_installation(settings) -> None:
    settings.IS_PUBLIC = True
    with pytest.raises(CommandError, match="installation"):
        call_command("demo", "load")
