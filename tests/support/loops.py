"""Event loops of commands under test, beside the one that pytest-playwright keeps in the main thread."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def beside_a_page(run: Callable[..., Result]) -> Callable[..., Result]:
    """Return `asyncio.run` so that it also works where a `page` fixture was used before in this process.

    Which tests share a process is for xdist to say, so that any command under test can come after a page.
    """

    def call(work: Coroutine[Any, Any, Result], **named: Any) -> Result:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return run(work, **named)
        with ThreadPoolExecutor(max_workers=1) as threads:
            return threads.submit(run, work, **named).result()

    return call
