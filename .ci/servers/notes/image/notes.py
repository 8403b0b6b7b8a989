"""Notes in a SQLite database beside the code, as small applications have them."""

import sqlite3

from flask import Flask, request

import settings

app = Flask(__name__)


def database():
    connection = sqlite3.connect(settings.DATABASE)
    connection.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)")
    return connection


@app.post("/")
def add():
    with database() as connection:
        connection.execute("INSERT INTO notes VALUES (?)", (request.get_data(as_text=True),))
    return "added\n"


@app.get("/")
def notes():
    return "".join(text + "\n" for (text,) in database().execute("SELECT text FROM notes"))
