"""Runs Debian's WordPress on loopback and compares selfcheck's verdicts with those that were written down.

Needs the packages of tests/engines/README.md, and Chromium as for selfcheck itself.
Usage: python tests/engines/wordpress.py [THEME | network ...]
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

from real_engine import Comparison, free_port, wait_for, with_ids
from wordpress_expected import NETWORK, PHASES, USUAL

HERE = Path(__file__).resolve().parent
PACKAGE = Path("/usr/share/wordpress")


COPIED = {  # what a live copy of jane's stories must have, and in which part
    "The story published": "public",
    "Private: The story private": "private",
    "The story draft": "private",
    "The story pending": "private",
    "The story scheduled": "private",
    "The story taken-back": "private",
}


def installed_themes() -> list[str]:
    """Return the names of the themes that are installed; exit where there is none."""
    folders = (path.parent.name for path in (PACKAGE / "wp-content/themes").glob("*/style.css"))
    return sorted(folders) or sys.exit("No theme of WordPress is installed, so nothing can be compared.")


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


def site_files(folder: Path, socket_path: Path, url: str, *, network: bool) -> Path:
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
        **({} if network else {"WP_HOME": url, "WP_SITEURL": url}),
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


@contextmanager
def served(folder: Path, url: str, *, network: bool = False) -> Iterator[Path]:
    """Serve WordPress's files, not installed yet, and give their folder."""
    with database(folder) as socket_path:
        site = site_files(folder, socket_path, url, network=network)
        address = url.removeprefix("http://")
        command = [
            "php",
            "-d",
            "display_errors=0",
            "-S",
            address,
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
            yield site
        finally:
            os.killpg(server.pid, 15)
            server.wait(30)


def compare(theme: str, folder: Path) -> int:
    """Compare every state with this theme; return how many were judged wrong."""
    url = f"http://127.0.0.1:{free_port()}"
    with served(folder, url) as site:
        ids = json.loads(php(site, url, "install", theme).splitlines()[-1])
        print(f"\n## WordPress, theme {theme}\n")
        sessions = {"jane": storage_state(site, url, "jane", folder)}
        comparison = Comparison("wordpress", url, folder, controls=["editor", "admin"], sessions=sessions)
        comparison.run([with_ids(state, ids) for state in USUAL])
        copied = comparison.copied("jane")
        print(f"Copied by `backup`: {copied}")
        wrong = copied != COPIED
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
        return comparison.report() + wrong


def compare_network(folder: Path) -> int:
    """Compare the sites of a network in folders; return how many were judged wrong."""
    url = f"http://127.0.0.1:{free_port()}"
    with served(folder, url, network=True) as site:
        theme = installed_themes()[0]
        php(site, url, "install", theme)
        php(site, url, "network")
        constants = {
            "MULTISITE": True,
            "SUBDOMAIN_INSTALL": False,
            "DOMAIN_CURRENT_SITE": url.removeprefix("http://"),
            "PATH_CURRENT_SITE": "/",
            "SITE_ID_CURRENT_SITE": 1,
            "BLOG_ID_CURRENT_SITE": 1,
        }
        lines = [f"define('{name}', {json.dumps(value)});" for name, value in constants.items()]
        config = site / "wp-config.php"
        text = config.read_text(encoding="utf-8").replace("<?php\n", "<?php\n" + "\n".join(lines) + "\n", 1)
        config.write_text(text, encoding="utf-8")
        php(site, url, "sites")
        print(f"\n## A network of WordPress, theme {theme}\n")
        comparison = Comparison("wordpress", url, folder, controls=["editor"])
        comparison.run(NETWORK)
        return comparison.report()


def main() -> int:
    """Compare what is named; usually each theme that is installed, and a network."""
    wrong = 0
    themes = installed_themes()
    for named in sys.argv[1:] or [*themes, "network"]:
        with tempfile.TemporaryDirectory() as folder:
            wrong += compare_network(Path(folder)) if named == "network" else compare(named, Path(folder))
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
