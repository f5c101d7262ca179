"""A server that speaks ClickHouse's HTTP protocol, for tests: no server of today can be had from the registries."""
