"""Expressions: checked, typed, bounded, evaluated."""
