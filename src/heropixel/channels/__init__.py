"""How the processes of one server talk: frames over Unix sockets."""
