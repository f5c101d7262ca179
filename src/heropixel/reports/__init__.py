"""What can be asked of all pageviews: figures over ranges of time, by dimensions, of those a filter lets through."""
