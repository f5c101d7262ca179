"""The GraphQL API: what an integrator's server sends and reads, with credentials."""
