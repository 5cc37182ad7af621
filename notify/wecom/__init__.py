"""WeCom (企业微信): API client, cards, callbacks, log-in."""
