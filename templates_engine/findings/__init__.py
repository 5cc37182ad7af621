"""The findings of checks: codes, messages, advice."""
