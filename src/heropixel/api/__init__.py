"""The integrator's door: GraphQL."""
