"""The HTTP API and the served board: the only FastAPI.

`app.create_app(parts)` is a function of its parts; `access` is the table of who may call what; `routes/<noun>` hold thin
handlers (decode, call a port or a function of `nlp`/`alerts`, encode). Bodies and answers are the records of `core`,
validated and written by msgspec; `wire` describes them in the OpenAPI document.
"""
