"""Brings a database to this program's tables. Alembic is imported only when there is something to do."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bot.store:migrations")
    return config


def run(connection: Connection) -> None:
    """Apply every revision that is missing, inside the connection's transaction."""
    command.upgrade(configuration(connection), "head")
