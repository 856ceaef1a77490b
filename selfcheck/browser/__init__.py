"""Opening pages: the only place where a browser is driven, found or installed.

Laws:
1. Opening a page changes nothing: only GET and HEAD leave the browser, and what a platform file calls
   harmless.
2. Trouble with a page, the network or the browser is a `Capture` with a `Failure`, never an exception.
3. No two viewpoints and no two profiles share a browser context; nothing outlives the run.
4. No secret of a session leaves this package in a capture.
5. Each viewpoint has a filtering proxy of its own (`proxy`), and nothing gets out of the browser past it.
6. Only this package and `sessions.login` import Playwright, and only when a browser is needed.

Start with `pool`, then `page_load`; `request_policy` says what may leave the browser, `proxy.rules` where to.
"""
