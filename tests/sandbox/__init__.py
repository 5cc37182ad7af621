"""Tests of the stand-ins themselves: no database, real processes."""
