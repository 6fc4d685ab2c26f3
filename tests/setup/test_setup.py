"""How `make` sets up its environments, in a small checkout and without a network.

In these checkouts, `uv` is a script from a package that the test builds.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHIN = 120.0  # seconds
BASE_PYTHON = Path(sys.executable).resolve()
TOOLS = ("bash", "cmp", "dirname", "head", "sed")

# Installs one module. After half of it, the script can stop: it writes its process id into a pipe,
# and waits until the test writes into the pipe. Each call appends a line to a log.
UV = r"""#!/bin/bash
site=$(echo .venv/lib/python3.*/site-packages)
echo "${!#}" >>uv.log
[ -z "$UV_FAILS" ] || { echo "There is no network." >&2; exit 2; }
echo half >"$site/half.py"
if [ -n "$UV_STOPS" ]; then echo $$ >"$UV_STOPS"; read -r _ <"$UV_STOPS"; fi
rm "$site/half.py"
echo whole >"$site/whole.py"
"""
# Prints its arguments in brackets.
PRINTER = """#!/bin/bash
printf '[%s]' "$@"
"""


def write_script(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755)


def python_stub(version: str, imports: str = "0") -> str:
    """Return a script that looks like Python; `imports` is the exit status of an import."""
    return f"""#!/bin/bash
case "$1" in
  --version) echo "Python {version}" ;;
  -c) exit {imports} ;;
  *) echo "{version} would install $3" ;;
esac
"""


@dataclass
class Checkout:
    """The files of a checkout that `make` needs to set up an environment."""

    folder: Path
    variables: dict[str, str]

    @property
    def site(self) -> Path:
        [found] = self.folder.glob(".venv/lib/python3.*/site-packages")
        return found

    @property
    def installed(self) -> list[str]:
        """The lists that the script `uv` was called with."""
        log = self.folder / "uv.log"
        return log.read_text().splitlines() if log.exists() else []

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start make in a process group of its own."""
        make = shutil.which("make")
        assert make is not None
        return subprocess.Popen(
            [make, "--no-print-directory", *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**self.variables, **variables},
        )

    def make(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Return the exit status and the output of make."""
        with self.start(*arguments, **variables) as process:
            output, _ = process.communicate(timeout=WITHIN)
        return process.returncode, output

    def pretend_installed(self, name: str, python: str) -> None:
        """Set up a list without packages, and with a script as Python."""
        write_script(self.folder / ".venv/bin/python", python)
        shutil.copyfile(self.folder / f"requirements/{name}.txt", self.folder / f".venv/{name}")


def make_checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "it's a checkout"
    shutil.copytree(ROOT / "infra/install", folder / "infra/install")
    for name in ("Makefile", "infra/__init__.py", "infra/foreground", "requirements/install"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    wheel = tmp_path / "uv-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        script = zipfile.ZipInfo("uv-1.data/scripts/uv")
        script.external_attr = 0o100755 << 16
        archive.writestr(script, UV)
        archive.writestr("uv-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1\n")
        archive.writestr("uv-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("uv-1.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "requirements/uv.txt").write_text(f"uv==1 --hash=sha256:{digest}\n")
    for name in ("run", "dev", "train"):
        (folder / f"requirements/{name}.txt").write_text(f"# {name}\n")
    python = f'#!/bin/bash\nexec "{BASE_PYTHON}" "$@"\n'
    write_script(tmp_path / "bin/python3.13", python)
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    return Checkout(folder, {**kept, **pip, "PATH": path})


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout without any environment."""
    return make_checkout(tmp_path)


@pytest.fixture(scope="session")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create an environment once, because that takes seconds; tests copy it."""
    made = make_checkout(tmp_path_factory.mktemp("created"))
    status, output = made.make(".venv/uv")
    assert status == 0, output
    return made.folder / ".venv"


@pytest.fixture
def prepared(checkout: Checkout, created: Path) -> Checkout:
    """Return a checkout with an environment that has nothing but `uv`."""
    shutil.copytree(created, checkout.folder / ".venv", symlinks=True)
    shutil.copyfile(checkout.folder / "requirements/uv.txt", checkout.folder / ".venv/uv")
    return checkout


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def read_pid(pipe: Path) -> int:
    """Wait until a script writes its process id into the pipe."""
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert select.select([reader], [], [], WITHIN)[0], "The script did not start."
        return int(os.read(reader, 100))
    finally:
        os.close(reader)


def refusals(output: str) -> list[str]:
    """Return the lines that say what is wrong; make adds one about the failed target."""
    return [line for line in output.splitlines() if not line.startswith("make: ***")]


@pytest.mark.parametrize(
    ("stub", "reason"),
    [
        (python_stub("3.10.13"), "is Python 3.10.13."),
        (python_stub("3.14.0"), "is Python 3.14.0."),
        (python_stub("2.7.18"), "is Python 2.7.18."),
        (PRINTER, "is not a Python interpreter."),
        ("#!/bin/bash\nyes\n", "is not a Python interpreter."),
        ("#!/bin/bash\nread -r line\nexit 1\n", "is not a Python interpreter."),
        ("", "is not a Python interpreter."),
        (None, "is not a Python interpreter."),
    ],
    ids=["too old", "too new", "Python 2", "a program", "endless", "reader", "empty", "missing"],
)
def test_a_wrong_python_is_refused_with_one_sentence(
    checkout: Checkout, tmp_path: Path, stub: str | None, reason: str
) -> None:
    """Nothing is created, so the next command starts from the same state."""
    chosen = tmp_path / "a $HOME of 'Python'"
    if stub is not None:
        write_script(chosen, stub)
    status, output = checkout.make("run", f"PYTHON={chosen}")
    assert status != 0
    expected = f"barback: Barback needs Python 3.11, 3.12 or 3.13, but PYTHON={chosen} {reason}"
    assert refusals(output) == [expected]
    assert not (checkout.folder / ".venv").exists()


def test_a_wrong_python_is_refused_if_everything_is_installed(checkout: Checkout) -> None:
    checkout.pretend_installed("run", PRINTER)
    status, output = checkout.make("run", "PYTHON=/nowhere")
    assert status != 0
    assert "PYTHON=/nowhere is not a Python interpreter." in output
    assert checkout.make("run") == (0, "[-m][infra.local][run]")


def test_another_version_than_the_environments_is_refused(checkout: Checkout) -> None:
    """The existing environment stays as it is."""
    checkout.pretend_installed("run", PRINTER)
    (checkout.folder / ".venv/lib/python3.2/site-packages").mkdir(parents=True)
    status, output = checkout.make("run", f"PYTHON={BASE_PYTHON}")
    assert status != 0
    [sentence] = refusals(output)
    assert sentence.startswith("barback: .venv has python3.2, but PYTHON= selects python3.")
    assert sentence.endswith("run `make clean` first.")
    assert checkout.make("run") == (0, "[-m][infra.local][run]")


@pytest.mark.parametrize(
    ("stubs", "output"),
    [
        ({"python3.12": python_stub("3.12.1")}, "3.12.1 would install .venv/run"),
        ({"python3": python_stub("3.11.9")}, "3.11.9 would install .venv/run"),
        (
            {"python3.13": "#!/bin/bash\nexit 127\n", "python3.11": python_stub("3.11.9")},
            "3.11.9 would install .venv/run",
        ),
        (
            {"python3.13": python_stub("3.13.0", imports="1"), "python3": python_stub("3.11.9")},
            "3.11.9 would install .venv/run",
        ),
        (
            {"python3": python_stub("3.10.0")},
            "barback: Barback needs Python 3.11, 3.12 or 3.13; install one or set PYTHON=.",
        ),
    ],
    ids=["newest", "only python3", "a shim that fails", "without ensurepip", "none"],
)
def test_the_first_suitable_python_is_chosen(
    checkout: Checkout, tmp_path: Path, stubs: dict[str, str], output: str
) -> None:
    """It must run, have a supported version, and be able to create environments."""
    path = tmp_path / "path"
    for name, stub in stubs.items():
        write_script(path / name, stub)
    for name in TOOLS:
        (path / name).symlink_to(shutil.which(name) or name)
    _, printed = checkout.make(".venv/run", PATH=str(path))
    assert refusals(printed) == [output]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_an_interrupted_installation_starts_again(
    prepared: Checkout, pipe: Path, number: signal.Signals
) -> None:
    """The half-installed package is removed with everything else."""
    process = prepared.start(".venv/run", UV_STOPS=str(pipe))
    uv = read_pid(pipe)
    assert (prepared.site / "half.py").exists()
    os.killpg(process.pid, number)
    if number == signal.SIGKILL:
        os.kill(uv, signal.SIGKILL)
    output, _ = process.communicate(timeout=WITHIN)
    assert process.returncode == -number
    assert "Traceback" not in output
    assert ("barback: the installation was interrupted" in output) == (number == signal.SIGINT)
    status, output = prepared.make(".venv/run")
    assert status == 0, output
    assert not (prepared.site / "half.py").exists()
    assert (prepared.site / "whole.py").exists()
    assert prepared.make(".venv/run") == (0, "")


def test_an_environment_that_was_created_by_half_is_created_again(checkout: Checkout) -> None:
    write_script(checkout.folder / ".venv/bin/python", "")
    rest = checkout.folder / ".venv/lib/rest"
    rest.mkdir(parents=True)
    status, output = checkout.make(".venv/run")
    assert status == 0, output
    assert not rest.exists()
    assert (checkout.site / "whole.py").exists()


def test_a_second_installation_waits_for_the_first(prepared: Checkout, pipe: Path) -> None:
    """Both succeed, and the packages are installed once."""
    first = prepared.start(".venv/run", UV_STOPS=str(pipe))
    read_pid(pipe)
    second = prepared.start(".venv/run")
    assert second.stdout is not None
    assert second.stdout.readline().startswith("Waiting for another installation")
    pipe.write_text("go on\n")
    for process in (first, second):
        process.communicate(timeout=WITHIN)
        assert process.returncode == 0
    assert prepared.installed == ["requirements/run.txt"]


def test_a_failed_installation_leaves_what_was_installed_before(prepared: Checkout) -> None:
    """Without a network, commands that need no new packages still run."""
    status, output = prepared.make(".venv/run")
    assert status == 0, output
    status, output = prepared.make(".venv/dev", UV_FAILS="yes")
    assert status != 0
    assert "There is no network." in output
    assert "barback: requirements/dev.txt could not be installed" in output
    assert prepared.make(".venv/run") == (0, "")
    status, output = prepared.make(".venv/dev")
    assert status == 0
    assert "Setting up" not in output


def test_an_environment_whose_first_installation_failed_is_created_again(
    checkout: Checkout,
) -> None:
    """The reason may be its interpreter."""
    status, _ = checkout.make(".venv/run", UV_FAILS="yes")
    assert status != 0
    assert not (checkout.folder / ".venv/uv").exists()


def test_a_changed_list_is_installed_again(prepared: Checkout) -> None:
    """A list that has changed meanwhile is installed again too, even if it changes back."""
    for name in ("run", "dev"):
        assert prepared.make(f".venv/{name}")[0] == 0
    lists = [prepared.folder / f"requirements/{name}.txt" for name in ("run", "dev")]
    before = [path.read_text() for path in lists]
    for path in lists:
        path.write_text("# another branch\n")
    assert prepared.make(".venv/dev")[0] == 0
    for path, content in zip(lists, before, strict=True):
        path.write_text(content)
    for name in ("run", "dev"):
        assert prepared.make(f".venv/{name}")[0] == 0
    expected = [f"requirements/{name}.txt" for name in ("run", "dev", "dev", "run", "dev")]
    assert prepared.installed == expected


@pytest.mark.parametrize(
    "value",
    [
        "it's.csv",
        "two words.csv",
        'a "quoted" name.csv',
        "$HOME `id` $(id) $$.csv",
        "#1; exit 1 \\ & | > *.csv",
        "-x.csv",
        "напитки.csv",
    ],
)
@pytest.mark.parametrize("origin", ["command line", "environment"])
def test_a_variable_reaches_the_command_as_it_was_typed(
    checkout: Checkout, value: str, origin: str
) -> None:
    checkout.pretend_installed("train", PRINTER)
    variables = {"OUT": value, "DATA": value}
    if origin == "environment":
        status, output = checkout.make("train", **variables)
    else:
        status, output = checkout.make("train", *(f"{k}={v}" for k, v in variables.items()))
    assert (status, output) == (0, f"[-m][training.train][--out][{value}][--][{value}]")


def test_every_variable_of_a_command_reaches_it(checkout: Checkout) -> None:
    checkout.pretend_installed("train", PRINTER)
    names = ("MIN_COUNT", "INGREDIENTS", "BASE", "ADDITIVE", "EPOCHS", "WIDTH", "SEED", "OUT")
    _, output = checkout.make("train", *(f"{name}={name}'s" for name in names))
    options = "".join(f"[--{name.lower().replace('_', '-')}][{name}'s]" for name in names)
    assert output == f"[-m][training.train]{options}"


@pytest.mark.parametrize("target", ["train", "evaluate"])
def test_columns_are_those_of_the_command_line(checkout: Checkout, target: str) -> None:
    """Terminals set the same variable. Python would take it for the width of the terminal."""
    program = '#!/bin/bash\nprintf "[%s]" "$@" "${COLUMNS-unset}"\n'
    checkout.pretend_installed("train", program)
    _, typed = checkout.make(target, "COLUMNS=the ingredient's")
    assert typed == f"[-m][training.{target}][--columns][the ingredient's][unset]"
    _, terminal = checkout.make(target, COLUMNS="80")
    assert terminal == f"[-m][training.{target}][80]"


def test_every_variable_of_a_deployment_reaches_it(checkout: Checkout) -> None:
    checkout.pretend_installed("dev", PRINTER)
    write_script(checkout.folder / ".venv-sam/bin/python", PRINTER)
    for folder in ("requirements/sam.txt", ".venv-sam/sam"):
        (checkout.folder / folder).write_text("# sam\n")
    values = {
        name: f"$HOME `id` it's {name}" for name in ("STAGE", "ARCHITECTURE", "KEEP_VERSIONS")
    }
    _, output = checkout.make("deploy", *(f"{name}={value}" for name, value in values.items()))
    options = "".join(
        f"[--{name.lower().replace('_', '-')}][{value}]" for name, value in values.items()
    )
    assert output == f"[-m][infra.deploy]{options}"


@pytest.mark.parametrize(
    ("target", "environment"), [("run", "run"), ("demo", "run"), ("train",) * 2]
)
def test_ctrl_c_while_python_starts_prints_no_traceback(
    checkout: Checkout, pipe: Path, target: str, environment: str
) -> None:
    """At that time, Python would print a traceback on SIGINT; on SIGTERM it prints nothing."""
    started = f'#!/bin/bash\ntrap "echo Traceback" INT\necho $$ >"{pipe}"\nread -r _ <"{pipe}"\n'
    checkout.pretend_installed(environment, started)
    process = checkout.start(target)
    python = read_pid(pipe)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=WITHIN)
    assert process.returncode == -signal.SIGINT
    assert refusals(output) == ["Interrupted."]
    with pytest.raises(ProcessLookupError):
        os.kill(python, 0)
