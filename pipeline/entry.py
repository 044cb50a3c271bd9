"""The `mixminus` program: signals, logging and exit codes around the commands."""

import logging
import sys
import traceback

from pipeline.errors import Interrupted

_DEBUG = "--debug"


def main() -> None:
    """Run the command line and exit with the code that `pipeline.errors` states."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; give its exit code."""
    try:
        import typer  # noqa: F401
    except ImportError:
        _say("error: the command line needs more than the lean install: pip install 'mixminus[all]'")
        return 2
    from pipeline.interruption import handled_signals

    debug = _DEBUG in arguments
    try:
        with handled_signals():
            return _guarded([argument for argument in arguments if argument != _DEBUG], debug=debug)
    except Interrupted as stop:  # wherever it came, while libraries were imported included
        return _stopped(stop)


def _guarded(arguments: list[str], *, debug: bool) -> int:
    import typer
    from typer.exceptions import TyperException

    from pipeline.cli.main import app
    from pipeline.errors import CommandError, TryAgainError, explain_os_error
    from pipeline.interruption import received

    try:
        code = app(args=arguments, prog_name="mixminus", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except typer.Abort:
        return 130
    except TyperException as error:  # wrong options and arguments
        show = getattr(error, "show", None)  # typer's own kind of these; its base class does not declare it
        show(sys.stderr) if show else _say(f"error: {error}")
        return int(getattr(error, "exit_code", 2))
    except CommandError as error:
        return _fail(error, error, debug=debug)
    except BrokenPipeError:
        return 0
    except OSError as error:
        return _fail(explain_os_error(error), error, debug=debug)
    except MemoryError as error:
        short = TryAgainError(
            "memory ran out; what was finished is kept: free some, or use fewer --workers, and run again"
        )
        return _fail(short, error, debug=debug)
    except Exception as error:
        stop = received()
        if stop is not None:  # native code turned the interrupt into an error of its own
            return _stopped(stop)
        if debug:
            traceback.print_exc()
        _say(f"error: a bug of ours, {type(error).__name__}: {error}; --debug shows where; please report it")
        return 1


def _stopped(stop: Interrupted) -> int:
    _say(f"stopped by {stop}; what was finished is kept: run the same command again to go on")
    return stop.exit_code


def _fail(error: "Exception", cause: BaseException, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(cause)
    _say(f"error: {error}")
    return int(getattr(error, "exit_code", 1))


def _say(text: str) -> None:
    logging.shutdown()
    print(text, file=sys.stderr)  # noqa: T201 - the program's own voice
