"""Tests of the sandbox itself: no database, real processes."""
