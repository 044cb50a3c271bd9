"""Errors that end a command, each with its exit code.

::

    CommandError               1  a bug of ours, unless a subclass says better
    ├── UsageError             2  wrong usage or config
    ├── InvalidDataError       3  the data is invalid
    ├── TooManyFailuresError   4  more failed rows than --max-failed allows
    └── TryAgainError         75  no worker, storage unreachable, run locked, disk full
    Interrupted          130/143  SIGINT, SIGTERM (not an error: nothing catches it by accident)
"""

import errno
import signal
from collections.abc import Iterator
from contextlib import contextmanager


class CommandError(Exception):
    """Ends a command with a message of one or two lines: what was got, what was expected, what to do."""

    exit_code = 1


class UsageError(CommandError):
    """Wrong usage or config."""

    exit_code = 2


class InvalidDataError(CommandError):
    """The data is invalid."""

    exit_code = 3


class TooManyFailuresError(CommandError):
    """More failed rows than allowed."""

    exit_code = 4


class TryAgainError(CommandError):
    """The same command may well succeed later."""

    exit_code = 75


class Interrupted(BaseException):
    """A signal asked the program to stop."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.exit_code = 128 + signal_number


_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_PERMISSION = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def explain_os_error(error: OSError) -> CommandError:
    """Turn a fault of disk or storage into the error that ends the command."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _NO_SPACE:
        return TryAgainError(f"the disk is full{where}; what was finished is kept: free some space and run again")
    if error.errno in _NO_PERMISSION:
        return UsageError(f"no permission{where}: {error.strerror}; choose another place or change its permissions")
    if isinstance(error, FileNotFoundError):
        return UsageError(f"no such file{where}: {error}; check the path")
    if isinstance(error, NotADirectoryError | IsADirectoryError | FileExistsError):
        return UsageError(f"a folder and a file are mixed up{where}: {error.strerror}; choose another place")
    return TryAgainError(f"storage fault{where}: {error}; what was finished is kept: run the same command again")


@contextmanager
def storage_faults() -> Iterator[None]:
    """Turn OSError inside the block into a `CommandError`."""
    try:
        yield
    except OSError as error:
        raise explain_os_error(error) from error
