"""The PostgreSQL server of tests is a real one, with real standbys."""

from tests.postgres.server import PostgresServer


def test_a_standby_has_what_the_primary_committed_and_can_take_its_place() -> None:
    quorum = {"synchronous_standby_names": "ANY 1 (*)"}
    with PostgresServer() as primary, PostgresServer(standby_of=primary) as standby:
        for name, value in quorum.items():
            primary.run(f"ALTER SYSTEM SET {name} = '{value}'")
        primary.run("SELECT pg_reload_conf()")
        primary.run("CREATE TABLE kept (number int)")
        primary.run("INSERT INTO kept VALUES (1)")
        assert primary.run("SELECT count(*) FROM pg_stat_replication") == [(1,)]
        primary.stop()
        standby.promote()
        standby.run("INSERT INTO kept VALUES (2)")
        assert standby.run("SELECT number FROM kept ORDER BY 1") == [(1,), (2,)]
