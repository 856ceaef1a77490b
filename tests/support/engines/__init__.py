"""Pages built after the structure of real engines, for accounts in any state.

Each engine has a module of page builders, a full platform file (`NAME.yaml`) and a lean one
(`NAME-lean.yaml`), written as a user writes it from the docs in ten minutes: marks of pages that they could
save, identity, controls, sign-in, a list; no sign of what anybody keeps back, and no mark of a suspension,
since a user has never met one. They are also read by no file at all (`platform: learn`). Structure is taken
from the engines' public sources; texts and code are ours.
"""

from functools import cache
from pathlib import Path

from engines.engine import Engine
from engines.forum import Forum
from engines.newsletter import Newsletter
from engines.wordpress import WordPress
from engines.writefreely import WriteFreely
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.platforms.learn import learn_key

ENGINES: dict[str, Engine] = {
    engine.name: engine for engine in (WordPress(), Newsletter(), WriteFreely(), Forum())
}

LEAN, LEARNED = "-lean", "-learned"
_FOLDER = Path(__file__).parent
_EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "myblog.yaml"


def engine_of(platform: str) -> Engine | None:
    """Return the engine whose pages this platform of a scenario serves."""
    return ENGINES.get(platform.removesuffix(LEAN).removesuffix(LEARNED))


@cache
def engine_look(platform: str, look: str, viewpoint: str, visit: PageRequest) -> Capture:
    """Return what a page load receives; many scenarios share one."""
    engine = engine_of(platform)
    assert engine is not None
    return engine.look(look, viewpoint, visit)


def platform_path(platform: str) -> str:
    """Return the platform file by which an engine's pages are read, or the key of what is learned.

    WordPress's full file is the example of the docs.
    """
    engine = engine_of(platform)
    if engine is not None and platform.endswith(LEARNED):
        return learn_key(engine.addresses("jane"), "jane")
    return str(_EXAMPLE if platform == WordPress.name else _FOLDER / f"{platform}.yaml")
