"""What is done to pageviews after they were loaded: erasing, retention, reprocessing."""
