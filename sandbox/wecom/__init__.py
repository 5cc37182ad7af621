"""WeCom sandbox for one corp and one application: API, OAuth, callbacks, and the members' phones."""
