"""The command line for API keys: `add`, `rotate`, `revoke` and `list`.

The value of a new key is the only line on standard output. No other output has a value.
"""

from __future__ import annotations

import secrets
import shlex
import signal
import string
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.account import open_session
from infra.deploy.errors import DeployError, explain
from infra.deploy.stages import read_stage
from infra.keys.api_keys import ApiKeys, ListedKey, NewKey
from infra.keys.deployment import find_deployment
from infra.keys.errors import KeysError, ValueNotWritten

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHABET: Final = string.ascii_letters + string.digits

cli = typer.Typer(add_completion=False, help="The API keys of a deployment.")

Stage = Annotated[str, typer.Option(envvar="STAGE", help="A section of samconfig.toml.")]
KeyId = Annotated[str, typer.Option(envvar="KEY_ID", help="The ID of a key, not its value.")]
KeyName = Annotated[str, typer.Option(envvar="KEY_NAME", help="For example the caller.")]


@cli.command()
def add(key_name: KeyName, stage: Stage = "dev") -> None:
    """Create a key of a new owner, and print its value."""
    with _keys_of(stage) as keys:
        _print_value(keys.add(key_name), stage)


@cli.command()
def rotate(key_id: KeyId, stage: Stage = "dev") -> None:
    """Create another key of the same owner, and print its value."""
    with _keys_of(stage) as keys:
        _print_value(keys.rotate(key_id), stage)
        _say("When the callers send the new value, disable the old key:")
        _say(f"  {_command('revoke-key', stage, key_id)}")


@cli.command()
def revoke(key_id: KeyId, stage: Stage = "dev") -> None:
    """Disable a key; a second time, delete it."""
    with _keys_of(stage) as keys:
        _say(f"The key {key_id} is {keys.revoke(key_id)}; the gateway refuses it.")


@cli.command(name="list")
def list_keys(stage: Stage = "dev") -> None:
    """List the keys without their values."""
    with _keys_of(stage) as keys:
        rows = [_cells(key) for key in keys.listed()]
        for cells in (("ID", "STATE", "CREATED", "OWNER", "NAME"), *rows):
            typer.echo(_row(*cells))


def _print_value(key: NewKey, stage: str) -> None:
    _say(f"Created the key {key.key_id} of the owner {key.owner}. Callers send as x-api-key:")
    try:
        typer.echo(key.value)
    except OSError as error:
        raise ValueNotWritten(
            f"The value could not be written ({error.strerror}): "
            f"run `{_command('revoke-key', stage, key.key_id)}` and create another key."
        ) from error
    _say("This value is not shown again.")


def _command(target: str, stage: str, key_id: str) -> str:
    return f"make {target} STAGE={shlex.quote(stage)} KEY_ID={shlex.quote(key_id)}"


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _cells(key: ListedKey) -> tuple[str, ...]:
    state = "enabled" if key.is_enabled else "disabled"
    return key.key_id, state, f"{key.created:%Y-%m-%d}", key.owner, key.name


def _row(key_id: str, state: str, created: str, owner: str, name: str) -> str:
    return f"{key_id:<12}{state:<10}{created:<12}{owner:<34}{name}"


@contextmanager
def _keys_of(stage: str) -> Iterator[ApiKeys]:
    """Yield the keys of a stage. Errors are sentences, and end the command with 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Ctrl-C under make
    try:
        settings = read_stage(stage)
        session = open_session(settings)
        deployment = find_deployment(session.client("cloudformation"), settings.stack_name)
        yield ApiKeys(session.client("apigateway"), deployment, _random_text)
    except (BotoCoreError, ClientError) as error:
        _fail(explain(error), error)
    except (DeployError, KeysError) as error:
        _fail(str(error), error)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _fail(sentence: str, error: Exception) -> NoReturn:
    _say(f"barback: {' '.join(sentence.split())}")
    raise typer.Exit(1) from error


if __name__ == "__main__":
    cli()
