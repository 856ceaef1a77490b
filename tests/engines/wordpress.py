"""Runs Debian's WordPress on loopback and compares selfcheck's verdicts with those that were written down.

Needs the packages of tests/engines/README.md, and Chromium as for selfcheck itself.
Usage: python tests/engines/wordpress.py [THEME ...]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from real_engine import Comparison, State, free_port, wait_for, with_ids

HERE = Path(__file__).resolve().parent
PACKAGE = Path("/usr/share/wordpress")

USUAL = (
    State(
        name="healthy, signed in",
        handle="jane",
        signed_in=True,
        expect="visible confirmed",
        why="Both are shown it.",
    ),
    State(
        name="healthy, not signed in",
        handle="jane",
        expect="visible confirmed",
        why="The public is shown it.",
    ),
    State(
        name="published post",
        handle="jane",
        signed_in=True,
        story="/published/",
        expect="visible confirmed",
        why="Both are shown it.",
    ),
    State(
        name="draft",
        handle="jane",
        signed_in=True,
        story="/?p={draft}",
        expect="visible page.kept-by-owner",
        why="Never published.",
    ),
    State(
        name="pending review",
        handle="jane",
        signed_in=True,
        story="/?p={pending}",
        expect="visible page.kept-by-owner",
        why="Never published.",
    ),
    State(
        name="private post",
        handle="jane",
        signed_in=True,
        story="/private/",
        expect="visible page.kept-by-owner",
        why="Its owner keeps it.",
    ),
    State(
        name="post with a password",
        handle="jane",
        signed_in=True,
        story="/password/",
        expect="visible page.shown",
        why="Its owner chose it.",
    ),
    State(
        name="scheduled post",
        handle="jane",
        signed_in=True,
        story="/?p={scheduled}",
        expect="visible page.kept-by-owner",
        why="Not published yet.",
    ),
    State(
        name="trashed post",
        handle="jane",
        signed_in=True,
        story="/to-trash/",
        expect="missing told",
        why="Gone for both.",
    ),
    State(
        name="deleted post",
        handle="jane",
        signed_in=True,
        story="/to-delete/",
        expect="missing told",
        why="Gone for both.",
    ),
    State(
        name="post taken back to a draft",
        handle="jane",
        signed_in=True,
        story="/?p={taken-back}",
        expect="visible page.kept-by-owner",
        why="Whoever did it, WordPress calls it a draft.",
    ),
    State(
        name="deleted post, not signed in",
        handle="jane",
        story="/to-delete/",
        expect="missing",
        why="Gone; no view of the author's was asked for.",
    ),
    State(
        name="author without posts",
        handle="newcomer",
        expect="visible",
        why="Their page is shown, and empty.",
    ),
    State(name="author who was deleted", handle="leaver", expect="missing", why="Nobody of this name."),
    State(name="nobody of this name", handle="nobody-here", expect="missing", why="Nobody of this name."),
)
PHASES = (
    State(
        name="search engines discouraged",
        phase="discouraged",
        handle="jane",
        signed_in=True,
        expect="visible confirmed page.shown",
        why="The owner's setting.",
    ),
    State(
        name="a post while they are",
        phase="discouraged",
        handle="jane",
        signed_in=True,
        story="/published/",
        expect="visible confirmed page.shown",
        why="The owner's setting.",
    ),
    State(
        name="maintenance (503)",
        phase="maintenance",
        handle="jane",
        signed_in=True,
        expect="inconclusive",
        why="An outage is never a verdict.",
    ),
    State(
        name="database away (500)",
        phase="no-database",
        handle="jane",
        signed_in=True,
        expect="inconclusive",
        why="An outage is never a verdict.",
    ),
)


@contextmanager
def database(folder: Path) -> Iterator[Path]:
    """Run a MariaDB of its own that listens at a socket only."""
    data, socket_path = folder / "mysql", folder / "mysql.sock"
    user = ["--user=root"] if os.geteuid() == 0 else []
    common = ["--no-defaults", f"--datadir={data}", *user]
    subprocess.run(
        ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    server = subprocess.Popen(
        ["mariadbd", *common, f"--socket={socket_path}", "--skip-networking", f"--pid-file={folder}/pid"],
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(240):
            ping = ["mariadb-admin", "--no-defaults", f"--socket={socket_path}", "-uroot", "ping"]
            if subprocess.run(ping, check=False, capture_output=True).returncode == 0:
                break
            server.poll()
            subprocess.run(["sleep", "0.25"], check=True)
        create = [
            "mariadb",
            "--no-defaults",
            f"--socket={socket_path}",
            "-uroot",
            "-e",
            "CREATE DATABASE wordpress",
        ]
        subprocess.run(create, check=True)
        yield socket_path
    finally:
        server.terminate()
        server.wait(60)


def site_files(folder: Path, socket_path: Path, url: str) -> Path:
    """Copy the package's files and set them up for the built-in server of PHP."""
    site = folder / "site"
    shutil.copytree(
        PACKAGE,
        site,
        ignore_dangling_symlinks=True,
        ignore=shutil.ignore_patterns(".htaccess", "wp-config.php"),
    )
    constants = {
        "DB_NAME": "wordpress",
        "DB_USER": "root",
        "DB_PASSWORD": "",
        "DB_HOST": f"localhost:{socket_path}",
        "DB_CHARSET": "utf8mb4",
        "WP_HOME": url,
        "WP_SITEURL": url,
    }
    lines = [
        f"define({json.dumps(name)}, {json.dumps(value, ensure_ascii=False)});"
        for name, value in constants.items()
    ]
    lines += [
        "define('DISABLE_WP_CRON', true);",
        "define('WP_HTTP_BLOCK_EXTERNAL', true);",
        "define('AUTOMATIC_UPDATER_DISABLED', true);",
    ]
    keys = (
        "AUTH_KEY",
        "SECURE_AUTH_KEY",
        "LOGGED_IN_KEY",
        "NONCE_KEY",
        "AUTH_SALT",
        "SECURE_AUTH_SALT",
        "LOGGED_IN_SALT",
        "NONCE_SALT",
    )
    lines += [f"define('{key}', 'of the test {key}');" for key in keys]
    lines += [
        "$table_prefix = 'wp_';",
        "if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');",
        "require_once ABSPATH . 'wp-settings.php';",
    ]
    (site / "wp-config.php").write_text("<?php\n" + "\n".join(lines) + "\n", encoding="utf-8")
    router = "<?php $f = $_SERVER['DOCUMENT_ROOT'] . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);\n"
    router += "if (is_file($f)) return false;\n"
    router += "$_SERVER['SCRIPT_NAME'] = '/index.php'; require $_SERVER['DOCUMENT_ROOT'] . '/index.php';\n"
    (folder / "router.php").write_text(router, encoding="utf-8")
    return site


def php(site: Path, url: str, *args: str, script: str = "wordpress_states.php") -> str:
    """Do one step of a script that is beside this one."""
    command = ["php", str(HERE / script), str(site), *args]
    done = subprocess.run(
        command, env={**os.environ, "SITE_URL": url}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{args} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def storage_state(site: Path, url: str, name: str, folder: Path) -> Path:
    """Write the session of this user as a browser would hold it."""
    cookies = json.loads(php(site, url, "cookies", name))
    host = urlsplit(url).hostname
    entries = [
        {
            "name": key,
            "value": value,
            "domain": host,
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Lax",
        }
        for key, value in cookies.items()
    ]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"cookies": entries, "origins": []}), encoding="utf-8")
    return path


def compare(theme: str, folder: Path) -> int:
    """Compare every state with this theme; return how many were judged wrong."""
    url = f"http://127.0.0.1:{free_port()}"
    with database(folder) as socket_path:
        site = site_files(folder, socket_path, url)
        ids = json.loads(php(site, url, "install", theme).splitlines()[-1])
        command = [
            "php",
            "-d",
            "display_errors=0",
            "-S",
            url.removeprefix("http://"),
            "-t",
            str(site),
            str(folder / "router.php"),
        ]
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                command,
                env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_for(url, server)
            print(f"\n## WordPress, theme {theme}\n")
            sessions = {"jane": storage_state(site, url, "jane", folder)}
            comparison = Comparison("wordpress", url, folder, controls=["editor", "admin"], sessions=sessions)
            comparison.run([with_ids(state, ids) for state in USUAL])
            php(site, url, "option", "blog_public", "0")
            comparison.run([state for state in PHASES if state.phase == "discouraged"])
            (site / ".maintenance").write_text("<?php $upgrading = time();", encoding="utf-8")
            comparison.run([state for state in PHASES if state.phase == "maintenance"])
            (site / ".maintenance").unlink()
            config = site / "wp-config.php"
            config.write_text(
                config.read_text(encoding="utf-8").replace("mysql.sock", "nothing.sock"), encoding="utf-8"
            )
            comparison.run([state for state in PHASES if state.phase == "no-database"])
            return comparison.report()
        finally:
            os.killpg(server.pid, 15)
            server.wait(30)


def main() -> int:
    """Compare with each theme that is named; usually with all that are installed."""
    wrong = 0
    themes = sorted(path.name for path in (PACKAGE / "wp-content/themes").iterdir())
    for theme in sys.argv[1:] or themes:
        with tempfile.TemporaryDirectory() as folder:
            wrong += compare(theme, Path(folder))
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
