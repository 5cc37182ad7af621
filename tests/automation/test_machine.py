"""The table in the state machine's docstring matches the code."""

from automation.models import Job
from automation.states import JobFlow


def test_docstring_table_is_the_machine() -> None:
    edges = Job._meta.get_field("state").get_all_transitions(Job)
    lines = [line.split("|") for line in JobFlow.__doc__.splitlines() if line.count("|") == 3]
    table = {tuple(cell.strip() for cell in line[:3]) for line in lines[2:]}
    assert table == {(edge.name, str(edge.source), str(edge.target)) for edge in edges}
