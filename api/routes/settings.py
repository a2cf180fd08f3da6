"""The settings in force, for administrators to look at; they are set where the process is started."""

from fastapi import APIRouter

from api.office_views import SettingList, SettingView
from api.requests import PartsOf
from api.wire import Json, answers

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])


@router.get("", summary="The settings in force", **answers(SettingList, "Read at the start of the process."))
def settings(parts: PartsOf) -> Json:
    items = [SettingView(**one._asdict()) for one in parts.settings]
    return Json(SettingList(version=parts.version, items=items))
