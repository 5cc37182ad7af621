"""What ran where: a searchable record of every run, written in the transactions that begin and end the run."""
