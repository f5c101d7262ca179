"""Tests of threads and queues."""
