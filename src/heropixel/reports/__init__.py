"""Reports over all pageviews: figures over ranges of time, by dimensions, of the pageviews that match a filter."""
