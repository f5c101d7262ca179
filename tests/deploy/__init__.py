"""Tests of what is shipped for operators: the image, compose files, the chart, the dashboard and the alerts."""
