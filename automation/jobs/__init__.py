"""The parts of a job that commands share: its log, results, turns, locks, site, stages."""
