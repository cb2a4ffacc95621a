"""What the migrations make is what the models say, for every service. Needs: db."""

import importlib
import importlib.util

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from services.kit import migrate
from services.kit.topology import SERVICES

pytestmark = pytest.mark.db
OURS = [name for name in SERVICES if name != "probe"]
WITH_TABLES = [name for name in OURS if importlib.util.find_spec(f"services.{name}.models")]
SHARED = ("kit_", "directory_")  # plain SQL in the kit and the directory, used through SQL


def is_own(name, kind, parents) -> bool:
    table = name if kind == "table" else parents.get("table_name")
    return not (table and table.startswith(SHARED))


@pytest.mark.parametrize("service", WITH_TABLES)
def test_models_and_migrations_agree(service, make_database):
    engine = create_engine(make_database(service))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": is_own, "compare_type": True}
        )
        models = importlib.import_module(f"services.{service}.models")
        assert compare_metadata(context, models.Base.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("service", OURS)
def test_migrating_again_changes_nothing(service, make_database):
    url = make_database(service)
    migrate.upgrade(service, url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM kit_alembic")) == migrate.head(
            service
        )
    engine.dispose()
