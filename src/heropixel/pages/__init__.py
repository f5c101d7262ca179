"""Pages for people: the built files of the dashboard and the explorer, and the policies they are served with."""
