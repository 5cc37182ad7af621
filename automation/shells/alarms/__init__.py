"""Alarms on typed words: the rules, the matches, the people to tell and the ticket to open."""
