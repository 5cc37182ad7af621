"""The data of events, one shape for each kind; plain JSON. See tickets.trail.events.Kind.

`name` is the node's localized name, `round` the visit's; `channel` is web, api, card, h5 or system. Keys that say
`NotRequired` are absent if there is nothing to say, or in events of earlier releases.
"""
