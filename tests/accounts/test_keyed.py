"""Stored session keys and tokens cannot be used if read, inserted or copied to another person (I24, A46)."""

import hashlib
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.access.sessions import SessionStore, stored
from accounts.commands import create_token
from accounts.models import ApiToken, Session
from tests.factories import user

pytestmark = pytest.mark.usefixtures("world")
ME = "/api/v1/me"


def logged_in(name: str) -> Client:
    client = Client()
    client.force_login(user(name), backend="accounts.backends.PasswordBackend")
    return client


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def with_session(key: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def with_token(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_I24_a_session_row_that_is_read_gives_no_log_in() -> None:
    client = logged_in("alice")
    row = Session.objects.get()
    assert row.session_key == stored(key_of(client)) != key_of(client)
    assert key_of(client) not in str(Session.objects.values().get())
    assert client.get(ME).status_code == 200
    assert with_session(row.session_key).get(ME).status_code == 401


def test_I24_a_session_row_that_is_inserted_gives_no_log_in() -> None:
    logged_in("alice")
    mine = "k" * 32
    row = Session.objects.get()
    for key in (mine, hashlib.sha256(mine.encode()).hexdigest()[:40]):
        Session.objects.create(
            session_key=key, session_data=row.session_data, expire_date=row.expire_date, user=row.user
        )
    assert with_session(mine).get(ME).status_code == 401


def test_I24_the_data_of_another_session_in_ones_own_row_give_no_log_in() -> None:
    logged_in("admin")
    theirs = Session.objects.get()
    mine = logged_in("heidi")
    row = Session.objects.filter(session_key=stored(key_of(mine)))
    row.update(user=theirs.user)
    assert mine.get(ME).status_code == 401
    row.update(user=theirs.user, session_data=theirs.session_data)
    assert mine.get(ME).status_code == 401


def test_I24_another_secret_key_knows_no_session(settings) -> None:
    client = logged_in("alice")
    settings.SECRET_KEY = "another-key-of-more-than-32-characters"
    assert client.get(ME).status_code == 401


def test_a_session_is_renewed_flushed_and_found_by_its_key() -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    first = store.session_key
    assert SessionStore(first)["a"] == 1
    assert store.exists(first)
    store.cycle_key()
    assert (store["a"], store.exists(first), store.exists(store.session_key)) == (1, False, True)
    assert SessionStore(store.session_key)["a"] == 1
    store.flush()
    assert not Session.objects.exists()


def test_I24_a_token_row_that_is_read_or_inserted_opens_nothing() -> None:
    token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
    assert with_token(secret).get(ME).status_code == 200
    assert with_token(token.digest).get(ME).status_code == 401
    mine = "baton_of_my_own"
    plain = hashlib.sha256(mine.encode()).hexdigest()
    ApiToken.objects.create(user=user("admin"), name="x", digest=plain, seal=plain)
    assert with_token(mine).get(ME).status_code == 401


def test_I24_a_token_row_that_is_moved_or_prolonged_opens_nothing() -> None:
    _token, secret = create_token(user=user("heidi"), name="ci", expires_at=timezone.now() + timedelta(hours=1))
    for change in ({"user": user("admin")}, {"user": user("heidi"), "expires_at": None}):
        ApiToken.objects.update(**change)
        assert with_token(secret).get(ME).status_code == 401


def test_tokens_of_an_earlier_release_go_on() -> None:
    secret = "baton_from_before"
    ends = timezone.now() + timedelta(hours=1)
    old = hashlib.sha256(secret.encode()).hexdigest()
    ApiToken.objects.create(user=user("alice"), name="ci", digest=old, seal="", expires_at=ends)
    assert with_token(secret).get(ME).status_code == 401
    import_module("accounts.migrations.0004_keyed").seal_tokens(apps, None)
    assert with_token(secret).get(ME).json()["username"] == "alice"
