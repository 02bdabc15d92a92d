"""The clocks of `time` and `datetime`. All of them show the same number, seconds since 1970: so a moment that is computed
from one and compared with another is the same float on every side."""
from __future__ import annotations

import datetime
import sys
import time

from .sweep import replace

_real_datetime, _real_date = datetime.datetime, datetime.date


def install(channel) -> None:
    def seconds():
        return channel.now

    def nanoseconds():
        return round(channel.now * 1_000_000_000)

    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        replace(time, name, seconds)
        replace(time, name + "_ns", nanoseconds)
    for name in ("localtime", "gmtime", "ctime"):
        replace(time, name, _with_default(getattr(time, name), seconds))
    localtime, strftime, asctime = time.localtime, time.strftime, time.asctime
    replace(time, "strftime", lambda form, moment=None: strftime(form, localtime() if moment is None else moment))
    replace(time, "asctime", lambda moment=None: asctime(localtime() if moment is None else moment))
    _install_datetime(seconds)


def _with_default(function, seconds):
    def at(moment=None):
        return function(seconds() if moment is None else moment)

    return at


class _Accepting(type):
    """Instances that C code made of the real class count as instances, too."""

    def __instancecheck__(cls, value):
        return isinstance(value, cls.real) if cls.__dict__.get("virtual") else type.__instancecheck__(cls, value)

    def __subclasscheck__(cls, other):
        return issubclass(other, cls.real) if cls.__dict__.get("virtual") else type.__subclasscheck__(cls, other)


def _install_datetime(seconds) -> None:
    class VirtualDate(_real_date, metaclass=_Accepting):
        real, virtual = _real_date, True

        @classmethod
        def today(cls):
            return cls.fromtimestamp(seconds())

    class VirtualDatetime(_real_datetime, metaclass=_Accepting):
        real, virtual = _real_datetime, True

        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(seconds(), tz)

        @classmethod
        def utcnow(cls):
            return cls.utcfromtimestamp(seconds())

        @classmethod
        def today(cls):
            return cls.fromtimestamp(seconds())

    for fresh, name in ((VirtualDate, "date"), (VirtualDatetime, "datetime")):
        fresh.__name__ = fresh.__qualname__ = name
        fresh.__module__ = "datetime"
        replace(datetime, name, fresh)
    if "sqlite3" in sys.modules:
        # Adapters are found by the exact class.
        sqlite3 = sys.modules["sqlite3"]
        sqlite3.register_adapter(VirtualDate, lambda value: value.isoformat())
        sqlite3.register_adapter(VirtualDatetime, lambda value: value.isoformat(" "))
