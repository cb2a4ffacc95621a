"""Set-up: packages, assets, stamps; and the programs that run tests and checks."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import assets, bootstrap, debian, lint
from deploy.local.keys import make_keys
from deploy.test import LANES, Lane, Outcome, choose, deal, folders_without_lane, read_junit

ROOT = bootstrap.ROOT


# -- Debian packages ------------------------------------------------------------------------------


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(debian, "SAVED_POLICY", tmp_path / "policy-rc.d.before")
    return tmp_path / "policy-rc.d"


def answer(policy: Path) -> int:
    return subprocess.run([str(policy), "rabbitmq-server", "start"]).returncode


def test_no_service_may_start_while_apt_works_and_nothing_remains(policy: Path) -> None:
    with debian.no_service_starts():
        assert answer(policy) == debian.DENIED
    assert not policy.exists()


def test_policy_of_the_machine_s_owner_is_put_back(policy: Path) -> None:
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o755)
    with pytest.raises(LookupError), debian.no_service_starts():
        assert answer(policy) == debian.DENIED
        raise LookupError
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert answer(policy) == 0


def test_policy_that_already_forbids_is_left_alone(policy: Path) -> None:
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    with debian.no_service_starts():
        assert debian.POLICY_MARK not in policy.read_text()


def test_policy_left_by_a_killed_run_is_cleared(policy: Path) -> None:
    owner = "#!/bin/sh\nexit 0\n"
    debian.SAVED_POLICY.write_text(owner)
    debian.SAVED_POLICY.chmod(0o755)
    policy.write_text(f"#!/bin/sh\n{debian.POLICY_MARK}\nexit 101\n")
    policy.chmod(0o755)
    with debian.no_service_starts():
        assert answer(policy) == debian.DENIED
    assert policy.read_text() == owner


def test_package_that_may_not_be_installed_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEQU_NO_APT", "1")
    missing = debian.Package("rabbitmq-server", lambda: False, debian.RABBITMQ.without)
    with pytest.raises(debian.MissingPart) as caught:
        debian.install([missing], tmp_path / "log")
    for way in ("apt-get install", "SHEQU_AMQP_URL=", "docker run", "SHEQU_NO_APT is set"):
        assert way in str(caught.value)


# -- assets and locks -----------------------------------------------------------------------------


def test_assets_appear_whole_with_their_hashes(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    for source in assets.ASSETS.values():
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(source)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.js").touch()
    assets.copy_assets(modules, tmp_path / "out", "lock 1")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert set(manifest["sha256"]) == set(assets.ASSETS)
    assert manifest["made_from"] == "lock 1"
    assert not (tmp_path / "out" / "old.js").exists()


def test_failed_copy_leaves_the_old_assets(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.js").touch()
    with pytest.raises(FileNotFoundError):
        assets.copy_assets(tmp_path / "nothing", tmp_path / "out")
    assert (tmp_path / "out" / "old.js").exists()


def test_every_asset_belongs_to_a_locked_package() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for source in assets.ASSETS.values():
        assert lock["packages"][f"node_modules/{source.split('/')[0]}"]["integrity"]


def test_package_lock_names_no_download_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()


@pytest.mark.parametrize("name", ["run", "dev", "node"])
def test_python_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)


def test_setup_modules_need_nothing_installed() -> None:
    """They run before anything is: `-I -S` hides every installed package."""
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "import deploy.bootstrap, deploy.debian, deploy.assets, deploy.processes, deploy.probe"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


def test_compiled_modules_are_kept_in_var_where_they_may_not_lie_beside_their_sources() -> None:
    elsewhere = {"PYTHONDONTWRITEBYTECODE": "1"}
    bootstrap._keep_bytecode(elsewhere)
    assert elsewhere == {"PYTHONPYCACHEPREFIX": str(bootstrap.VAR / "pycache")}
    usual: dict[str, str] = {}
    bootstrap._keep_bytecode(usual)
    assert usual == {}


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    before = {path.name: path.read_text() for path in (tmp_path / "keys").iterdir()}
    make_keys(tmp_path / "keys")
    assert {path.name: path.read_text() for path in (tmp_path / "keys").iterdir()} == before
    assert '"d"' in before["token.jwk.json"]
    assert '"d"' not in before["jwks.json"]
    for name in ("token.jwk.json", "data.keys.json", "votes.keys.json", "upload.secret"):
        assert (tmp_path / "keys" / name).stat().st_mode & 0o777 == 0o600


def test_container_entrypoint_reads_addresses_from_secret_files(tmp_path: Path) -> None:
    script = (ROOT / "deploy" / "entrypoint.sh").read_text()
    (tmp_path / "SHEQU_AMQP_URL").write_text("amqp://user:p$a'ss@host/v h")
    (tmp_path / "jwks.json").write_text("{}")
    here = tmp_path / "entrypoint.sh"
    here.write_text(script.replace("/run/secrets", str(tmp_path)))
    program = "import os; print(os.environ['SHEQU_AMQP_URL'], 'jwks.json' in os.environ)"
    done = subprocess.run(
        ["sh", str(here), sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "amqp://user:p$a'ss@host/v h False"


# -- the test runner ------------------------------------------------------------------------------


def test_every_folder_with_tests_belongs_to_a_lane(tmp_path: Path) -> None:
    assert folders_without_lane(ROOT / "tests") == []
    (tmp_path / "forgotten").mkdir()
    (tmp_path / "forgotten" / "test_x.py").touch()
    assert folders_without_lane(tmp_path) == ["tests/forgotten"]


def test_path_chooses_its_lane_and_options_go_along() -> None:
    ((lane, words),) = choose("", ["tests/green/test_x.py::test_y", "-k", "z"])
    assert lane.name == "green"
    assert words == ["tests/green/test_x.py::test_y", "-k", "z"]
    assert [lane.name for lane, _ in choose("", [])] == [lane.name for lane in LANES]
    assert [lane.name for lane, _ in choose("outside", ["-x"])] == ["outside"]


@pytest.mark.parametrize(
    ("lane", "words"), [("blue", []), ("green", ["tests/unit"]), ("", ["tests/support"])]
)
def test_lane_or_path_that_does_not_exist_is_refused(lane: str, words: list[str]) -> None:
    with pytest.raises(ValueError, match="lane"):
        choose(lane, words)


@pytest.mark.parametrize("before", ["", "tests/unit "], ids=["alone", "beside one of the lane"])
def test_path_of_another_lane_is_answered_with_its_lane_and_the_command(before: str) -> None:
    asked = f"{before}tests/green/test_x.py::test_y -k 'a or b'"
    with pytest.raises(ValueError, match="lane") as caught:
        choose("plain", shlex.split(asked))
    assert str(caught.value) == (
        "tests/green/test_x.py::test_y belongs to lane green, not to plain. "
        f'The lane follows from the path: make test args="{asked}"'
    )


def test_path_without_a_lane_is_named_even_beside_one_that_has_one() -> None:
    with pytest.raises(ValueError, match="tests/support belongs to no lane"):
        choose("", ["tests/unit", "tests/support"])


def test_the_processes_of_a_dealt_lane_share_its_files() -> None:
    lane = Lane("green", ("-p", "x"), ("tests/green",), shards=2)
    (first, mine), (second, yours) = deal(lane, ["-x"])
    assert (first.name, second.name) == ("green-1", "green-2")
    assert mine == yours and mine[0] == "-x" and "tests.support.claims" in mine
    assert mine[-1].endswith("/claims/green")


def test_named_tests_run_in_one_process() -> None:
    (green,) = (lane for lane in LANES if lane.name == "green")
    assert deal(green, ["tests/green/test_x.py"]) == [(green, ["tests/green/test_x.py"])]


def test_skipped_tests_fail_the_run_only_where_nothing_may_be_missing() -> None:
    outcome = Outcome(LANES[0], code=0, tests=2, skipped=["x: no browser"])
    assert outcome.verdict(nothing_skipped=False) == ""
    assert "1 skipped" in outcome.verdict(nothing_skipped=True)
    assert Outcome(LANES[0], code=1).verdict(nothing_skipped=False)
    assert Outcome(LANES[0], code=5).verdict(nothing_skipped=True) == ""


def test_counts_come_from_the_lane_s_own_report(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): raise ValueError\n"
        "@pytest.mark.skip(reason='no broker')\n"
        "def test_skipped(): pass\n"
        "@pytest.mark.xfail(reason='known', strict=True)\n"
        "def test_known(): raise ValueError\n"
    )
    report = tmp_path / "report.xml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:pytest_nameko", f"--junitxml={report}",
         "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 1
    tests, failed, skipped = read_junit(report)
    assert (tests, failed, len(skipped)) == (4, 1, 1)
    assert "no broker" in skipped[0]
    assert read_junit(tmp_path / "none.xml") == (0, 0, [])


# -- lint ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("cd /ho" + "me/somebody/x", True),
        ("open('/ro" + "ot/.config')", True),
        ('"resol' + 'ved": "https://x"', True),
        ('"resol' + 'ved": "git+ssh://x"', True),
        ('"resol' + 'ved": "问题已解决"', False),
        ("https://registry.npm" + "js.org/htmx", True),
        ("GET /work-orders/{no}", False),
        ("https://example.org/home/page", False),
        ("/usr/lib/rabbitmq/bin", False),
    ],
)
def test_traces_of_a_machine_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, found: bool
) -> None:
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    path = tmp_path / "file.md"
    path.write_text(f"fine\n{line}\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    reports = list(lint.traces([path, tmp_path / "picture.png", tmp_path / "gone"]))
    assert [report.startswith("file.md:2: ") for report in reports] == [True] * found


LONG = ", ".join(['"a rather long word"'] * 5)
UGLY = f"import os, ast\ndef f():\n    return os.path.join({LONG} , )\n"


@pytest.fixture
def style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the project's style and nothing else."""
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    checks = [check for check in lint.CHECKS if check.name.startswith("ruff")]
    monkeypatch.setattr(lint, "CHECKS", tuple(checks))
    return tmp_path


def test_format_fixes_then_formats_and_is_content_when_nothing_is_left(style: Path) -> None:
    path = style / "ugly.py"
    path.write_text(UGLY)
    assert lint.main([]) == 1
    assert lint.main(["--mend"]) == 0
    assert lint.main([]) == 0
    assert path.read_text().startswith("import os\n\n\ndef f():\n    return os.path.join(\n")


def test_format_says_once_what_it_cannot_mend_after_mending_the_rest(
    style: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = style / "ugly.py"
    path.write_text(f"{UGLY}x = nowhere\n")
    assert lint.main(["--mend"]) == 1
    said = capsys.readouterr().out
    assert said.count("nowhere`") == 1
    assert "E501" not in said  # the line was too long before it was formatted
    assert "import os\n\n" in path.read_text()


def test_mending_that_cannot_work_is_not_passed_over(
    style: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (style / "broken.py").write_text("def f(:\n")
    assert lint.main(["--mend"]) == 1
    assert "broken.py" in capsys.readouterr().out
