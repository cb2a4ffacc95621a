"""The service table, and what is made from it: launcher, compose file, monitoring."""

import importlib
import importlib.util
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from rich.console import Console

from deploy import compose
from deploy.local.environment import Plan
from deploy.local.launcher import Launcher
from deploy.local.layout import Layout, Ports
from deploy.processes import (
    BY_NAME,
    INFRASTRUCTURE,
    JOBS,
    PROCESSES,
    PROVIDERS,
    SERVICES,
    Kind,
    Process,
    switched_off,
)
from services.kit.settings import ServiceSettings

ROWS = (*JOBS, *PROCESSES)
COMPANIONS = ("grid_classifier", "notify_sender")
COMPOSE = yaml.safe_load(compose.COMPOSE_FILE.read_text(encoding="utf-8"))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(Layout(tmp_path, Ports.from_environment({})), {"PATH": "/bin"})


def told_by_compose(row: Process) -> set[str]:
    container = COMPOSE["services"][row.name]
    by_secret = {s["target"] for s in container["secrets"] if s["target"].startswith("SHEQU_")}
    return set(container["environment"]) | by_secret


def test_generated_files_are_what_the_table_gives() -> None:
    for path, text in compose.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run `python -m deploy.compose` ({path})"


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_can_be_told_it_is_told(service: str) -> None:
    known = importlib.import_module(f"services.{service}.settings").Settings
    own = set(known.model_fields) - set(ServiceSettings.model_fields)
    assert {f"SHEQU_{name.upper()}" for name in own} <= set(BY_NAME[service].environment)


def test_compose_file_fits_the_compose_schema() -> None:
    schema = json.loads(
        (files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text()
    )
    jsonschema.Draft202012Validator(schema).validate(COMPOSE)
    broken = {**COMPOSE, "services": {"votes": {"image": 3}}}
    assert not jsonschema.Draft202012Validator(schema).is_valid(broken)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_module_of_every_row_exists(row: Process) -> None:
    parent, _, name = row.module.rpartition(".")
    assert importlib.util.find_spec(parent or name) is not None
    folder = Path(*row.module.split("."))
    root = Path(compose.FOLDER).parent
    assert (root / folder / "__main__.py").exists() or (root / folder).with_suffix(".py").exists()


def test_every_need_is_a_row_or_infrastructure() -> None:
    for row in ROWS:
        assert set(row.depends_on) <= {*BY_NAME, *INFRASTRUCTURE}, row.name


def test_service_opens_no_database_but_its_own() -> None:
    for row in ROWS:
        urls = {name for name in row.environment if name.endswith("_DATABASE_URL")}
        assert urls == {f"SHEQU_{name.upper()}_DATABASE_URL" for name in row.databases}
        assert len(row.databases) <= 1


def test_private_keys_are_for_one_service_alone() -> None:
    for name in ("SHEQU_TOKEN_KEY_FILE", "SHEQU_DATA_KEYS_FILE"):
        assert {row.name for row in ROWS if name in row.environment} == {
            "identity",
            "seed-identity",
        }
    votes = {row.name for row in ROWS if "SHEQU_VOTES_KEYS_FILE" in row.environment}
    assert votes == {"votes", "seed-votes"}
    for name in ("SHEQU_NOTIFY_VAPID_FILE", *PROVIDERS):
        holders = {row.name for row in ROWS if name in row.environment}
        assert holders == {"notify_sender"}


def test_nobody_but_the_grid_platform_has_its_broker_user_and_it_has_no_other() -> None:
    holders = {row.name for row in ROWS if "SHEQU_GRID_AMQP_URL" in row.environment}
    assert holders == {"grid_platform", "open311_adapter"}  # one of both, never at once
    assert not any("SHEQU_AMQP_URL" in BY_NAME[name].environment for name in holders)


def test_an_adapter_runs_only_where_it_is_asked_for_and_then_in_the_platforms_place() -> None:
    assert switched_off({}) == {"open311_adapter": 0}
    assert switched_off({"SHEQU_OPEN311_URL": "https://city.example/v2"}) == {"grid_platform": 0}
    assert COMPOSE["services"]["open311_adapter"]["profiles"] == ["open311"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_launcher_and_compose_tell_a_process_the_same_names(row: Process, plan: Plan) -> None:
    port = 18100 if row.kind is not Kind.JOB and not row.port else None
    local = plan.environment(row, port)
    told = {name for name in local if name.startswith("SHEQU_")}
    assert told == set(row.environment)
    assert told_by_compose(row) == told


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_launcher_and_compose_start_a_process_alike(row: Process) -> None:
    container = COMPOSE["services"][row.name]
    assert container["command"] == ["python", *row.command]
    assert set(container["depends_on"]) == set(row.depends_on)
    for need, how in container["depends_on"].items():
        if need in INFRASTRUCTURE:
            assert how == {"condition": "service_healthy", "required": False}
        else:
            assert how["condition"] == "service_completed_successfully"


def test_launcher_and_compose_run_the_same_processes(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports.from_environment({}))
    counts = {row.name: 1 for row in PROCESSES}
    launcher = Launcher(layout, {}, counts, Console(quiet=True))
    started = {instance.process.name for instance in launcher.instances}
    started |= {name for names in launcher.jobs for name in names}
    ours = {n for n, c in COMPOSE["services"].items() if "deploy/Dockerfile" in str(c.get("build"))}
    assert started == ours == set(BY_NAME)
    assert set(launcher._steps()) == ours | set(INFRASTRUCTURE)


def test_launcher_and_compose_watch_health_at_the_same_path(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports.from_environment({}))
    launcher = Launcher(layout, {}, {}, Console(quiet=True))
    for instance in launcher.instances:
        container = COMPOSE["services"][instance.process.name]
        probed = container["healthcheck"]["test"][-1]
        inside = container["environment"][instance.process.port or "SHEQU_HEALTH_PORT"]
        assert probed == f"http://127.0.0.1:{inside}{instance.process.health_path}"
        assert instance.health_url.endswith(instance.process.health_path)


def test_only_the_gateway_shows_a_port_and_replicas_do_not_collide() -> None:
    for row in PROCESSES:
        container = COMPOSE["services"][row.name]
        assert "container_name" not in container
        assert ("ports" in container) == (row.port is not None)
    (port,) = COMPOSE["services"]["gateway"]["ports"]
    assert port["published"].startswith("${")  # may be a range


def test_every_secret_that_is_used_is_declared_and_made(tmp_path: Path) -> None:
    from deploy.make_secrets import make_secrets

    used = {
        secret["source"]
        for container in COMPOSE["services"].values()
        for secret in container.get("secrets", ())
    }
    assert used == set(COMPOSE["secrets"])
    make_secrets(tmp_path / "secrets")
    empty = {
        name
        for name, declared in COMPOSE["secrets"].items()
        if not (tmp_path / declared["file"]).read_text().strip()
    }
    operators = {"shequ_sms_secret", "shequ_verifier_secret", "shequ_wechat_secret"}
    operators |= {"storage_credentials", "shequ_open311_api_key", *map(str.lower, PROVIDERS)}
    assert empty == operators  # nobody else can know them


def test_no_secret_stands_in_the_compose_file() -> None:
    for name, container in COMPOSE["services"].items():
        for key, value in container.get("environment", {}).items():
            assert "://" not in value or "@" not in value, (name, key)


def test_broker_definitions_are_the_topology_that_the_launcher_declares(tmp_path: Path) -> None:
    from deploy.make_secrets import make_secrets
    from services.kit import topology

    make_secrets(tmp_path)
    made = json.loads((tmp_path / "rabbitmq.definitions.json").read_text())
    built = topology.build()
    assert {q["name"]: q["arguments"] for q in made["queues"]} == {
        name: spec.arguments for name, spec in built.queues.items()
    }
    assert {e["name"]: (e["type"], e["arguments"]) for e in made["exchanges"]} == {
        name: (spec.kind, spec.arguments) for name, spec in built.exchanges.items()
    }
    assert {(b["source"], b["destination"], b["routing_key"]) for b in made["bindings"]} == {
        (exchange, spec.name, key)
        for spec in built.queues.values()
        for exchange, key in spec.bindings
    }


def test_prometheus_watches_every_service_and_the_gateway() -> None:
    watched: dict[str, Any] = {
        job["job_name"]: job for job in compose.prometheus()["scrape_configs"]
    }
    assert set(watched) == {*SERVICES, *COMPANIONS, "gateway", "rabbitmq"}
    for name in (*SERVICES, *COMPANIONS):
        container = COMPOSE["services"][name]
        assert container["expose"] == [str(watched[name]["dns_sd_configs"][0]["port"])]
        assert container["environment"]["SHEQU_HEALTH_HOST"] == "0.0.0.0"
