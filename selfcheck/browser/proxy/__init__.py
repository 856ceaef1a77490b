"""The filtering proxy: every connection of a viewpoint's pages goes through it, or fails.

Laws:
1. A connection is made to the very address that was checked: a name is resolved here, once, and never again
   by what connects.
2. No way leads from outside to within: private, reserved, single-label and translated addresses are refused,
   unless the profile's own site is there, at that port.
3. TLS stays end to end: the proxy sees the host and the port of a tunnel, never what goes through it.
4. An error of the network looks to the page load as if there was no proxy; no page of ours is ever taken for
   a platform's answer.
5. A web socket of a page is not connected, with TLS or without. One within a connection of HTTP/2 cannot be
   seen from here: the pages' own policy closes it.

Start with `rules` (pure), then `server`; `network` resolves, connects, and goes through the user's own proxy.
"""
