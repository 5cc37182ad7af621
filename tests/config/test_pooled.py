"""Connections of the pool are checked without a round trip (common.postgres)."""

import psycopg
import pytest
from django.db import connection

from common.postgres.base import is_alive


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_ended_is_not_used() -> None:
    connection.ensure_connection()
    ended = connection.connection
    pid = ended.info.backend_pid
    assert is_alive(ended)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        connection.close()
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert not is_alive(ended)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != pid
