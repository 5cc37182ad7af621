"""The small state machines: can it go from A to B?"""

from automation.states.job import JobFlow, JobState, Outcome

__all__ = ["JobFlow", "JobState", "Outcome"]
