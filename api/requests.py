"""What handlers get by name: the parts, the caller, and parameters that several routes share."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.auth import Caller
from api.parts import Parts
from api.problems import Problem
from api.reach import Reach
from core.errors import NotFound
from core.records import Incident

Id = Annotated[str, Path(max_length=80, description="The object's id.")]


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _caller(request: Request) -> Caller:
    caller: Caller | None = request.state.caller
    if caller is None:
        raise Problem(401, "not-logged-in", "Log in, or send a token.")
    return caller


def _reach(request: Request) -> Reach:
    reach: Reach = request.state.reach
    return reach


def _incident(request: Request, id_: Id) -> Incident:
    found = _parts(request).storage.index.incident(id_)
    if found is None:
        raise NotFound(f"There is no incident {id_}.")
    return found


PartsOf = Annotated[Parts, Depends(_parts)]
CallerOf = Annotated[Caller, Depends(_caller)]
ReachOf = Annotated[Reach, Depends(_reach)]
"""Only for routes that need a caller."""
IncidentOf = Annotated[Incident, Depends(_incident)]
"""Of routes with its `id_` in their path."""
Cursor = Annotated[str | None, Query(max_length=4_000, description="From the page before; absent for the first page.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page holds.")]
Seen = Annotated[int | None, Query(ge=0, description="The version that was seen; 0: it is not there yet.")]
Jurisdiction = Annotated[
    str | None, Query(pattern=r"^\d{2,12}$", description="Administrative division code; absent for all.")
]
