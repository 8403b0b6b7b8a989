"""Where the notes are kept."""

DATABASE = "/srv/notes/notes.db"
