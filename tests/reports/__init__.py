"""What can be asked of all pageviews."""
