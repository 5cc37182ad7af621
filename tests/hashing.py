"""Password hashing for tests: argon2 as in production, with low cost."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """The same format with a thousandth of the work."""

    time_cost, memory_cost, parallelism = 1, 8, 1
