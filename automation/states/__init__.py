"""State machines of automation: which change of state is allowed?"""

from automation.states.job import JobFlow, JobState, Outcome

__all__ = ["JobFlow", "JobState", "Outcome"]
