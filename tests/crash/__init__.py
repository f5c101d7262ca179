"""Tests of kills, full disks and other faults."""
