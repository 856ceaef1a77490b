"""Starts the browser, quiet, unprivileged and alone, and starts it again when it has crashed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files

from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.display import display_for
from selfcheck.browser.failures import start_words
from selfcheck.browser.interceptor import RequestInterceptor
from selfcheck.core.enums import BrowserMode
from selfcheck.core.hosts import split_address
from selfcheck.core.secret_text import child_environment
from selfcheck.errors import BrowserMissingError

VIEWPORT_WIDTH = 1100
VIEWPORT_HEIGHT = 900

_QUIET = (
    "--block-new-web-contents",  # no popups; where it is not known, the interceptor refuses what they ask for
    "--disable-quic",  # otherwise the server's address and certificate are reported only now and then
    "--disable-domain-reliability",
    "--no-pings",
    "--mute-audio",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-client-side-phishing-detection",
)
_ONLY_BY_PROXY = (
    # Each viewpoint has a proxy of its own; what belongs to none, or would go past it, finds no host.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
_NO_PREFETCH = (
    "PrefetchSchedulerTesting:kPrefetchSchedulerTestingActiveSetSizeLimitForBase/0"
    "/kPrefetchSchedulerTestingActiveSetSizeLimitForBurst/0"
)
"""Speculation rules have pages fetched ahead of a click, which interception never sees: none at a time."""

_FEATURES = (
    # Of several such switches the browser takes the last, so Playwright's own are said again.
    "CDPScreenshotNewSurface",
    "SkipListAccountsWithoutGaiaCookies",
    _NO_PREFETCH,
)
_NOT_FEATURES = (
    # Reports of the browser itself (Reporting-Endpoints, Report-To, NEL) pass by interception.
    "Reporting",
    "NetworkErrorLogging",
    "DocumentReporting",
    "WebPayments",  # the browser itself asks for the manifest of whatever a page wants to be paid by
    # What Playwright switches off; a test compares it with the browser's own command line.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
_MOST_STARTS = 6
_START_MILLISECONDS = 30_000
_CLOSE_SECONDS = 5.0
_CONNECT_MILLISECONDS = 15_000
_LARGEST_BROWSER_FILE = 100_000_000
"""Bytes: a browser's caches and shared memory may become so large."""
_NO_SANDBOX = "No usable sandbox"
"""What Chromium writes as it gives up."""
_NO_ANSWER = (
    "econnrefused",
    "econnreset",
    "enotfound",
    "ehostunreach",
    "enetunreach",
    "eai_again",
    "timeout",
)
"""What the error of a connection that nothing answered contains, in lower case."""


class BrowserGoneError(Exception):
    """The browser has gone, or could not be started again."""


@dataclass(frozen=True)
class RemoteBrowser:
    """A browser that the user runs on another machine. Its address may hold a token, so it is not shown."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """Return the browser as people call it, without its address."""
        return "Remote browser"

    @property
    def place(self) -> str:
        """Return the address without path, query and user: what may be shown."""
        parts = split_address(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def is_cdp(self) -> bool:
        """Return whether it speaks Chromium's own protocol, as one started with a debugging port does."""
        parts = split_address(self.url)
        return parts.scheme in {"http", "https"} or parts.path.startswith("/devtools/")


class BrowserProcess:
    """One browser process and its interceptor; `generation` counts how often it was started."""

    def __init__(
        self,
        playwright: Playwright,
        choice: BrowserChoice | RemoteBrowser,
        *,
        headed: bool = False,
        environ: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        self._playwright = playwright
        self._choice = choice
        self._headed = headed
        self._environ = environ
        self._say = say
        self.remote = isinstance(choice, RemoteBrowser)
        # A browser that was started by somebody else does not have our arguments.
        self.blocked = tuple(f"*://{host}/*" for host in unwanted_hosts()) if self.remote else ()
        self._lock = asyncio.Lock()
        self._browser: Browser | None = None
        self._interceptor: RequestInterceptor | None = None
        self.generation = 0

    @property
    def alive(self) -> bool:
        """Return whether the browser runs."""
        return self._browser is not None and self._browser.is_connected()

    async def ready(self) -> tuple[Browser, RequestInterceptor]:
        """Return the browser and its interceptor, started where needed. Raises `BrowserGoneError`."""
        # All page loads of a crashed browser come here at once; one of them starts it, the others wait.
        async with self._lock:
            if not self.alive:
                await self._start()
            assert self._browser is not None
            assert self._interceptor is not None
            return self._browser, self._interceptor

    async def gone(self) -> bool:
        """Return whether the browser has gone.

        A call on a page fails before Playwright notices that the whole browser has ended; whether that was
        the page or the browser decides what is started again, so it is given 0.2 s to be noticed.
        """
        for _ in range(20):
            if not self.alive:
                return True
            await asyncio.sleep(0.01)
        return False

    async def close(self) -> None:
        """Close the browser; one that does not answer is left to the driver, which ends it."""
        if self._browser is not None and self.alive:
            try:
                await asyncio.wait_for(self._browser.close(), _CLOSE_SECONDS)
            except (PlaywrightError, TimeoutError):
                self._browser = None

    async def _start(self) -> None:
        # A page that crashes every browser must not keep the run busy for ever.
        if self.generation >= _MOST_STARTS:
            raise BrowserGoneError(f"the browser was started {_MOST_STARTS} times and crashed each time")
        if self.generation:
            self._say("The browser crashed and is being started again.")
        # Counted before the start: contexts of the earlier browser see by it that they are gone.
        self.generation += 1
        try:
            self._browser = await self._open()
            # A browser elsewhere may have pages of other people, which are none of ours.
            on_alarm = None if self.remote else self._say
            self._interceptor = await RequestInterceptor.of(self._browser, on_alarm)
        except PlaywrightError as error:
            raise BrowserGoneError(error.message) from error

    async def _open(self) -> Browser:
        chromium, choice = self._playwright.chromium, self._choice
        if isinstance(choice, RemoteBrowser):
            connect = chromium.connect_over_cdp if choice.is_cdp else chromium.connect
            return await connect(choice.url, timeout=_CONNECT_MILLISECONDS)
        return await chromium.launch(
            executable_path=choice.path,
            headless=not self._headed,
            args=arguments(),
            chromium_sandbox=sandboxed(),
            env=dict(self._environ),
            timeout=_START_MILLISECONDS,
            # Ctrl-C is ours: the run closes the browser itself, after what was finished is kept.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )


class NoBrowser(BrowserProcess):
    """Where only plain HTTP is wanted: there is no browser, and none is started."""

    def __init__(self) -> None:
        self.remote = False
        self.blocked = ()
        self.generation = 0

    @property
    def alive(self) -> bool:
        """Return that none runs."""
        return False

    async def ready(self) -> tuple[Browser, RequestInterceptor]:
        """Raise BrowserGoneError: a page was asked for that needs a browser."""
        raise BrowserGoneError("there is no browser here")


@asynccontextmanager
async def open_browsers(
    choice: BrowserChoice | RemoteBrowser,
    *,
    mode: BrowserMode = BrowserMode.HEADLESS,
    count: int,
    say: Callable[[str], None],
) -> AsyncIterator[tuple[BrowserProcess, ...]]:
    """Start Playwright and `count` browser processes; all are closed when the block ends.

    Only the first is started now, to know that it can be; the others are when they are needed.
    """
    with display_for(mode) as display:
        playwright = await async_playwright().start()
        environ = {**child_environment(os.environ), **display}
        headed = mode is not BrowserMode.HEADLESS
        processes = tuple(
            BrowserProcess(playwright, choice, headed=headed, environ=environ, say=say) for _ in range(count)
        )
        try:
            try:
                await processes[0].ready()
            except BrowserGoneError as error:
                if isinstance(choice, RemoteBrowser):
                    raise could_not_connect(choice, str(error)) from error
                raise could_not_start(choice, str(error)) from error
            yield processes
        finally:
            await asyncio.gather(*(process.close() for process in processes))
            await playwright.stop()


def arguments() -> list[str]:
    """Return the arguments for a browser that only reads pages."""
    features = (f"--disable-features={','.join(_NOT_FEATURES)}", f"--enable-features={','.join(_FEATURES)}")
    return [*_QUIET, *_ONLY_BY_PROXY, *features]


def unwanted_hosts() -> tuple[str, ...]:
    """Return the hosts that no page needs: those that measure visitors, and those of the browser's maker."""
    text = files("selfcheck.browser").joinpath("data/unwanted-hosts.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def sandboxed() -> bool:
    """Return whether the browser is to keep its sandbox: always, but for root on Linux, where none starts.

    With `SELFCHECK_SANDBOX=off` the user says that something else isolates the browser: a container, which
    forbids what the sandbox is made of. To be given as Playwright's `chromium_sandbox`, because without that
    Playwright switches the sandbox off for everybody.
    """
    root = sys.platform == "linux" and os.geteuid() == 0
    return not root and os.environ.get("SELFCHECK_SANDBOX") != "off"


def could_not_connect(choice: RemoteBrowser, message: str) -> BrowserMissingError:
    """Return the error for a browser elsewhere that cannot be used; its address is shown without a token."""
    text = message.lower()
    if "version mismatch" in text or " 428 " in text:
        return BrowserMissingError(
            f"The Playwright server at {choice.place} has another version.",
            cause=f"Here it is {version('playwright')}; the first two numbers must be the same.",
            next_step="Start a server of that version there, or connect to a Chromium with a debugging port"
            " (http://…), which needs no Playwright.",
        )
    if " 401 " in text or " 403 " in text:
        cause = "It refused this machine: the path or the token in the address is probably wrong."
    elif "executable doesn't exist" in text:
        cause = "The Playwright server there has no Chromium: run `npx playwright install chromium` there."
    elif any(word in text for word in _NO_ANSWER):
        cause = "Nothing answered: it is not running, not reachable from here, or the address is wrong."
    else:
        cause = "What answered there is not a Chromium debugging port, or not a Playwright server."
    return BrowserMissingError(
        f"The browser at {choice.place} could not be used.",
        cause=cause,
        next_step="Start it on the other machine and see that this one reaches it, or take `connect` out of"
        " `settings: browser:` to look from here.",
    )


def _file_size_limit() -> int | None:
    """Return the size in bytes that no file of this process may pass, where it is too low for a browser."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return limit if limit != resource.RLIM_INFINITY and limit < _LARGEST_BROWSER_FILE else None


def could_not_start(choice: BrowserChoice, message: str) -> BrowserMissingError:
    """Return the error for a browser that is there but does not start."""
    what = f"The browser {choice.path} could not be started."
    if _NO_SANDBOX in message:
        return BrowserMissingError(
            what,
            cause="This system does not let it create its sandbox, which keeps web pages away from your"
            " files. Containers forbid it, and so do some systems for browsers that they did not install.",
            next_step="Install the system's own Chrome or Chromium and name it with --browser. In a"
            " container, which isolates the browser itself, set SELFCHECK_SANDBOX=off.",
        )
    if (limit := _file_size_limit()) is not None:
        return BrowserMissingError(
            what,
            cause=f"This process may write no file larger than {limit:,} bytes (`ulimit -f`), and a browser's"
            " own files are larger.",
            next_step="Raise that limit (`ulimit -f unlimited`; LimitFSIZE= in a systemd unit) and run the"
            " command again.",
        )
    return BrowserMissingError(
        what,
        cause=start_words(message),
        next_step=lambda hints: f"Run `{hints.command('doctor')}`, or name another browser with --browser.",
    )
