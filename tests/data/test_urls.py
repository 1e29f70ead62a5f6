"""Addresses of databases: taken apart rightly, and the password shown nowhere."""

import pytest

from clienteling.data.urls import is_url, parse_url
from clienteling.errors import SourceError

EXAMPLE = "Write it as postgresql://user:password@host:5432/database?table=customers"


@pytest.mark.parametrize(
    ("address", "url", "table", "driver"),
    [
        ("duckdb:///shop.db?table=customers", "duckdb:///shop.db", "customers", "duckdb"),
        ("duckdb:////data/shop.db?table=c", "duckdb:////data/shop.db", "c", "duckdb"),
        ("sqlite:///shop.db?table=my%20table", "sqlite:///shop.db", "my table", "sqlite"),
        (
            "postgresql://ada:s%40t@db:5432/shop?sslmode=require&table=crm.customers",
            "postgresql://ada:s%40t@db:5432/shop?sslmode=require",
            "crm.customers",
            "postgresql",
        ),
        (
            "postgresql+psycopg://db/shop?table=customers",
            "postgresql+psycopg://db/shop",
            "customers",
            "postgresql+psycopg",
        ),
    ],
)
def test_taken_apart(address, url, table, driver):
    found = parse_url(address)
    assert (found.url, found.table, found.driver) == (url, table, driver)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("postgresql://db/shop?table=c", True),
        ("sqlite:///shop.db?table=c", True),
        ("shop.csv", False),
        ("/data/shop.csv", False),
        ("C:/shop.csv", False),
        ("C:\\shop.csv", False),
        ("a/b://c", False),
    ],
)
def test_address_or_path(source, expected):
    assert is_url(source) is expected


SECRETS = [
    ("postgresql://ada:geheim@db/shop?table=c", "postgresql://ada:***@db/shop?table=c"),
    ("postgresql://ada:ge@heim@db/shop?table=c", "postgresql://ada:***@db/shop?table=c"),
    ("postgresql://ada:gehe/im@db/shop?table=c", None),
    ("postgresql://ada:ge@he/im@db/shop?table=c", None),
    ("postgresql://ada:ge?heim@db/shop?table=c", None),
    ("postgresql://:geheim@db/shop?table=c", "postgresql://:***@db/shop?table=c"),
    (
        "postgresql://db/shop?user=ada&password=geheim&table=c",
        "postgresql://db/shop?user=ada&password=***&table=c",
    ),
    (
        "snowflake://db/shop?private_key=geheim&AccessToken=heim&table=c",
        "snowflake://db/shop?private_key=***&AccessToken=***&table=c",
    ),
]


@pytest.mark.parametrize(("address", "shown"), SECRETS)
def test_the_password_is_never_shown(address, shown):
    try:
        found = parse_url(address)
    except SourceError as error:
        said = str(error)
    else:
        said = f"{found.shown} {found!r}"
        if shown is not None:
            assert found.shown == shown
    assert "***" in said
    for piece in ("geheim", "heim", "gehe", "im@"):
        assert piece not in said


def test_nor_where_it_stops_the_address_from_being_read():
    with pytest.raises(SourceError) as refused:
        parse_url("postgresql://ada:ge/heim@db:5432/shop?table=customers")
    assert str(refused.value) == (
        "postgresql://ada:***@db:5432/shop?table=customers: is not a database's address; a sign "
        f"in it stands in the wrong place.\n{EXAMPLE}, and signs such as / @ : ? in a password "
        "as %2F %40 %3A %3F."
    )
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("port", ["99999", "port"])
def test_a_port_that_is_none(port):
    with pytest.raises(SourceError, match="is not a database's address"):
        parse_url(f"postgresql://db:{port}/shop?table=customers")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "postgresql://ada:geheim@db/shop",
            "postgresql://ada:***@db/shop: names no table.\n"
            "Add it to the address: postgresql://ada:***@db/shop?table=customers",
        ),
        (
            "duckdb:///shop.db?table=",
            "duckdb:///shop.db?table=: names no table.\n"
            "Add it to the address: duckdb:///shop.db?table=customers",
        ),
        (
            "duckdb:///shop.db?table=a&table=b",
            "duckdb:///shop.db?table=a&table=b: names more than one table.\n"
            "Name one: duckdb:///shop.db?table=customers",
        ),
        (
            "https://ada:geheim@example.org/shop.csv",
            "https://ada:***@example.org/shop.csv: is an address of files, and only databases are "
            "read by their address.\nCopy the file to this machine and give its path.",
        ),
    ],
)
def test_other_faults(address, message):
    with pytest.raises(SourceError) as refused:
        parse_url(address)
    assert str(refused.value) == message
