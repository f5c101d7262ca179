"""GraphQL over HTTP, from outside: methods, types, statuses, credentials."""
