"""What the database says of the fleet now, and of one slot."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from selfcheck.alerts.channels.base import send_patiently
from selfcheck.alerts.configured_channels import ConfiguredChannel, Environment, configured_channels
from selfcheck.alerts.notice import AlertMessage
from selfcheck.core.enums import Verdict
from selfcheck.core.times import minute
from selfcheck.fleet.database import Connection
from selfcheck.fleet.waves import PlatformSlot, SlotChange, slot_message
from selfcheck.settings import Preferences

_TRIED_FOR = timedelta(days=3)  # from a slot on, as alerts wait for a channel


@dataclass(frozen=True, kw_only=True)
class PlatformStatus:
    """How one platform stands."""

    platform: str
    profiles: int
    waiting: int  # slots that are not done
    looks_hour: int
    looks_day: int
    budget: int  # most looks in 24 hours, over all addresses; 0: nothing was asked yet
    closed_until: datetime | None
    closed_why: str | None


@dataclass(frozen=True, kw_only=True)
class FleetStatus:
    """How the fleet stands."""

    now: datetime
    profiles: int
    due: int  # slots that are not done
    late: int  # of them, those of which a later slot has begun already
    workers: int
    last_slot: datetime | None
    verdicts: Mapping[str, int]  # of each profile's last result
    platforms: tuple[PlatformStatus, ...]


def fleet_status(connection: Connection) -> FleetStatus:
    """Return how the fleet stands now."""
    row = _row(
        connection,
        """SELECT fleet.clock() AS now, (SELECT count(*) FROM fleet.profiles) AS profiles,
            (SELECT count(*) FROM fleet.slots) AS due,
            (SELECT GREATEST((SELECT max(due) FROM fleet.slots), (SELECT max(due) FROM fleet.results)))
                AS last_slot,
            (SELECT count(*) FROM fleet.slots WHERE due < GREATEST(
                (SELECT max(due) FROM fleet.slots), (SELECT max(due) FROM fleet.results))) AS late,
            (SELECT count(*) FROM procrastinate_workers
             WHERE last_heartbeat > now() - interval '30 seconds') AS workers""",
    )
    verdicts = connection.execute(
        """SELECT verdict, count(*) AS number FROM (
            SELECT DISTINCT ON (profile) profile, verdict FROM fleet.results ORDER BY profile, due DESC) last
        GROUP BY verdict ORDER BY verdict"""
    )
    platforms = connection.execute(
        """SELECT member.platform, count(*) AS profiles,
            (SELECT count(*) FROM fleet.slots JOIN fleet.profiles ON name = profile
             WHERE profiles.platform = member.platform) AS waiting,
            (SELECT count(*) FROM fleet.looks WHERE looks.platform = member.platform
             AND at > fleet.clock() - interval '1 hour') AS looks_hour,
            (SELECT count(*) FROM fleet.looks WHERE looks.platform = member.platform
             AND at > fleet.clock() - interval '1 day') AS looks_day,
            COALESCE(max(place.budget), 0) AS budget,
            max(place.closed_until) FILTER (WHERE place.closed_until > fleet.clock()) AS closed_until,
            max(place.closed_why) FILTER (WHERE place.closed_until > fleet.clock()) AS closed_why
        FROM fleet.profiles member LEFT JOIN fleet.platforms place USING (platform)
        GROUP BY member.platform ORDER BY member.platform"""
    )
    return FleetStatus(
        **row,
        verdicts={each["verdict"]: each["number"] for each in verdicts},
        platforms=tuple(PlatformStatus(**each) for each in platforms),
    )


def slot_changes(
    connection: Connection, due: datetime
) -> tuple[tuple[PlatformSlot, ...], tuple[SlotChange, ...]]:
    """Return what a slot found at each platform, and which profiles it changed."""
    platforms = connection.execute(
        """SELECT platform, count(*) AS results, sum(controls) AS controls, sum(controls_ok) AS controls_ok
        FROM fleet.results JOIN fleet.profiles ON name = profile WHERE due = %s
        GROUP BY platform ORDER BY platform""",
        (due,),
    )
    changes = connection.execute(
        """SELECT profile, platform, before, verdict FROM fleet.results JOIN fleet.profiles ON name = profile
        WHERE due = %s AND before IS DISTINCT FROM verdict ORDER BY profile""",
        (due,),
    )
    return (
        tuple(PlatformSlot(**row) for row in platforms),
        tuple(
            SlotChange(
                profile=row["profile"],
                platform=row["platform"],
                before=Verdict(row["before"]) if row["before"] else None,
                verdict=Verdict(row["verdict"]),
            )
            for row in changes
        ),
    )


def tell_slots(
    connection: Connection, preferences: Preferences, environment: Environment, say: Callable[[str], None]
) -> None:
    """Send one message for each finished slot that was not told of yet, on every channel.

    A channel that does not take it gets it at the next plan, for three days.
    """
    channels = configured_channels(preferences, environment)
    _tell_again(connection, channels, environment, say)
    for due in _untold(connection):
        message = slot_message(due, *slot_changes(connection, due))
        if message is not None:
            say(f"{message.title}\n{message.body}")
            for channel in channels:
                if not _is_sent(message, channel, environment, say):
                    row = (due, channel.name)
                    connection.execute("INSERT INTO fleet.undelivered VALUES (%s, %s)", row)
        connection.execute("UPDATE fleet.settings SET told_until = %s", (due,))


def _tell_again(
    connection: Connection,
    channels: tuple[ConfiguredChannel, ...],
    environment: Environment,
    say: Callable[[str], None],
) -> None:
    by_name = {channel.name: channel for channel in channels}
    rows = connection.execute(
        """SELECT due, channel, due < fleet.clock() - %s AS too_late FROM fleet.undelivered ORDER BY due""",
        (_TRIED_FOR,),
    ).fetchall()
    for row in rows:
        message = slot_message(row["due"], *slot_changes(connection, row["due"]))
        channel = by_name.get(row["channel"])
        if row["too_late"]:
            say(f"The message on the slot of {minute(row['due'])} never arrived on {row['channel']}.")
        elif message is not None and channel is not None:
            if not _is_sent(message, channel, environment, say):
                continue
            say(f"The message on the slot of {minute(row['due'])} has arrived on {row['channel']} now.")
        connection.execute(
            "DELETE FROM fleet.undelivered WHERE due = %s AND channel = %s", (row["due"], row["channel"])
        )


def _is_sent(
    message: AlertMessage, channel: ConfiguredChannel, environment: Environment, say: Callable[[str], None]
) -> bool:
    sent = send_patiently(partial(channel.channel.send, message), sleep=environment.sleep)
    if not sent.ok:
        say(f"The message did not arrive on the channel {channel.name}: {sent.detail}")
    return sent.ok


def _untold(connection: Connection) -> Iterator[datetime]:
    rows = connection.execute(
        """SELECT DISTINCT due FROM fleet.results, fleet.settings
        WHERE (told_until IS NULL OR due > told_until)
          AND NOT EXISTS (SELECT 1 FROM fleet.slots open WHERE open.due <= results.due) ORDER BY due"""
    ).fetchall()
    return (row["due"] for row in rows)


def _row(connection: Connection, query: str) -> dict[str, Any]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row
