"""A schedule: when a sync's turn comes, by the clock of a time zone or after an event."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import Discriminator, Field, Tag, field_validator

from hubsync.core.measure import Model
from hubsync.core.segment import Language

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Event = Literal["load", "refresh"]
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_FIELDS = 5


def _time(value: object) -> object:
    """Take 16:30 written without quotes: YAML reads that as 990, sixty times sixteen and thirty."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return f"{value // 60:02}:{value % 60:02}"
    if isinstance(value, str) and not _TIME.fullmatch(value):
        raise ValueError(f"'{value}' is no time of day; write it as '06:30'")
    return value


class _Clocked(Model):
    """A schedule by the clock of `zone`, as a cron expression of five fields.

    Where clocks change it does as Debian's cron: what falls into the hour that spring leaves out comes right after it,
    once; what falls into the hour that autumn repeats comes once; what comes every hour comes every real hour.
    """

    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError) as error:  # a folder, a path that leads out, an unknown name
            raise ValueError(f"there is no time zone '{zone}'; write it as 'America/Sao_Paulo'") from error
        return zone

    @property
    def expression(self) -> str:
        """Five fields: minute, hour, day of the month, month, day of the week."""
        raise NotImplementedError

    @cached_property
    def tz(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)

    def times(self, after: dt.datetime) -> Iterator[dt.datetime]:
        """Yield, in UTC and without end, the times strictly after a moment; ends where none comes in 50 years."""
        for moment in CronSim(self.expression, after.astimezone(self.tz)):
            found = moment.astimezone(dt.UTC)
            if found > after:  # within the repeated hour a local time stands for two moments, and the first is over
                yield found


class Hourly(_Clocked):
    """Every hour, so many minutes past."""

    hourly: Annotated[int, Field(ge=0, le=59)]

    @property
    def expression(self) -> str:
        """See `_Clocked`."""
        return f"{self.hourly} * * * *"


class Daily(_Clocked):
    """Every day at a time."""

    daily: str
    _is_time = field_validator("daily", mode="before")(_time)

    @property
    def expression(self) -> str:
        """See `_Clocked`."""
        return f"{_at(self.daily)} * * *"


class Weekly(_Clocked):
    """On some days of the week at a time."""

    weekly: Annotated[tuple[Day, ...], Field(min_length=1)]
    at: str
    _is_time = field_validator("at", mode="before")(_time)

    @property
    def expression(self) -> str:
        """See `_Clocked`."""
        return f"{_at(self.at)} * * {','.join(self.weekly)}"


class Cron(_Clocked):
    """By an expression of five fields, for whoever knows cron."""

    cron: str

    @field_validator("cron")
    @classmethod
    def _has_five_fields(cls, cron: str) -> str:
        if len(cron.split()) != _FIELDS:
            raise ValueError("a cron expression has five fields: minute, hour, day, month, day of the week")
        try:
            CronSim(cron, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        except CronSimError as error:
            raise ValueError(f"'{cron}' is no cron expression: {str(error).lower()}") from error
        return cron

    @property
    def expression(self) -> str:
        """See `_Clocked`."""
        return self.cron


class After(Model):
    """Whenever behaviour data was loaded, or members were computed anew."""

    after: Event


_KINDS = ("hourly", "daily", "weekly", "cron", "after")


def _kind(data: Any) -> str:  # noqa: ANN401 - raw input or a model
    given = data if isinstance(data, dict) else vars(data) if isinstance(data, Model) else {}
    return next((kind for kind in _KINDS if kind in given), "")


Schedule = Annotated[
    Annotated[Hourly, Tag("hourly")]
    | Annotated[Daily, Tag("daily")]
    | Annotated[Weekly, Tag("weekly")]
    | Annotated[Cron, Tag("cron")]
    | Annotated[After, Tag("after")],
    Discriminator(
        _kind,
        custom_error_type="unknown_schedule",
        custom_error_message="a schedule is one of hourly, daily, weekly, cron, after",
    ),
]


def next_time(schedule: Hourly | Daily | Weekly | Cron | After | None, after: dt.datetime) -> dt.datetime | None:
    """Return the first time, in UTC, strictly after a moment; None for what no clock decides."""
    if schedule is None or isinstance(schedule, After):
        return None
    return next(schedule.times(after), None)


def came_round(schedule: Hourly | Daily | Weekly | Cron, after: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """Return the times after `after` up to and with `until`, oldest first."""
    found = []
    for moment in schedule.times(after):
        if moment > until:
            break
        found.append(moment)
    return found


def words(schedule: Hourly | Daily | Weekly | Cron | After | None, language: Language = "en") -> str:
    """Return a schedule as a person says it: "every day at 06:30 (America/Sao_Paulo)"."""
    said = _WORDS[language]
    match schedule:
        case None:
            return said["never"]
        case After(after=event):
            return said[event]
        case Hourly(hourly=minute):
            text = said["hourly"].format(minute=f"{minute:02}")
        case Daily(daily=at):
            text = said["daily"].format(at=at)
        case Weekly(weekly=days, at=at):
            text = said["weekly"].format(days=", ".join(_DAYS[language][day] for day in days), at=at)
        case Cron(cron=cron):
            text = said["cron"].format(cron=cron)
    return f"{text} ({schedule.zone})"


def _at(time: str) -> str:
    hour, minute = time.split(":")
    return f"{int(minute)} {int(hour)}"


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "never": "only when asked for",
        "load": "after data is loaded",
        "refresh": "after members are computed",
        "hourly": "every hour at minute {minute}",
        "daily": "every day at {at}",
        "weekly": "on {days} at {at}",
        "cron": "by cron “{cron}”",
    },
    "pt": {
        "never": "só quando pedido",
        "load": "depois que dados são carregados",
        "refresh": "depois que os membros são calculados",
        "hourly": "a cada hora, no minuto {minute}",
        "daily": "todo dia às {at}",
        "weekly": "{days} às {at}",
        "cron": "pelo cron “{cron}”",
    },
}
_DAYS: dict[Language, dict[str, str]] = {
    "en": dict(
        zip(
            ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
            ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
            strict=True,
        )
    ),
    "pt": dict(
        zip(
            ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
            ("seg", "ter", "qua", "qui", "sex", "sáb", "dom"),
            strict=True,
        )
    ),
}
