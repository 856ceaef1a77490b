"""When a page was handed out, by the server's clock."""

from datetime import UTC, datetime

import pytest

from selfcheck.observe.readings import served_at

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        pytest.param({"date": "Sat, 21 Nov 2026 12:00:00 GMT"}, NOON, id="the date of the answer"),
        pytest.param(
            {"date": "Sat, 21 Nov 2026 11:50:00 GMT", "age": "600"}, NOON, id="and as long as a cache held it"
        ),
        pytest.param({"date": "Sat, 21 Nov 2026 14:00:00 +0200"}, NOON, id="another zone"),
        pytest.param({"date": "Sat, 21 Nov 2026 12:00:00 GMT", "age": "so"}, NOON, id="an age that is none"),
        pytest.param({"date": "yesterday"}, None, id="no date"),
        pytest.param({}, None, id="no header"),
    ],
)
def test_the_servers_clock(headers: dict[str, str], moment: datetime | None) -> None:
    assert served_at(headers) == moment
