"""Coroutines to their end, also where pytest-playwright keeps an event loop in the main thread."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """Run the coroutine in a loop and a thread of its own, and return what it returns."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(asyncio.run, work).result()


def apart(function: Callable[..., Result]) -> Callable[..., Result]:
    """Return the function so that each call has a thread of its own, in which it may run a loop."""

    def call(*args: Any, **named: Any) -> Result:
        with ThreadPoolExecutor(max_workers=1) as threads:
            return threads.submit(function, *args, **named).result()

    return call
