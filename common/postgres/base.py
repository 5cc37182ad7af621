"""Django's PostgreSQL backend, with a check of pooled connections that does not ask the server.

Django's own check (CONN_HEALTH_CHECKS) costs a round trip for every request. When a server ends, or ends a connection,
the operating system knows: the socket can be read, although nothing was asked.
"""

import select
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from psycopg import Connection
from psycopg_pool import ConnectionPool


class DatabaseWrapper(PostgresWrapper):
    """Takes a connection of the pool that is still alive; Django finds this class by its name."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """A connection, from the pool if there is one. Dead ones go back to it, and it replaces them."""
        pool: ConnectionPool | None = self.pool
        if pool is not None:
            for _dead in range(pool.max_size):
                connection = super().get_new_connection(conn_params)
                if is_alive(connection):
                    return connection
                connection.close()
                pool.putconn(connection)
        return super().get_new_connection(conn_params)


def is_alive(connection: Connection[Any]) -> bool:
    """Whether an idle connection is still open: on a closed one, its end is there to be read."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return not waiting.poll(0)
