"""The library of actions: what can be run, with which parameters, and how; its sync and its releases."""
