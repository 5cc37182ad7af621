"""A WeCom for one corp and one application: API, OAuth, callbacks, and the phones of its members."""
