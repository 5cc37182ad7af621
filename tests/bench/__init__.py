"""The workloads of the contract, measured. `python -m tests.bench`; no part of the test suite."""
