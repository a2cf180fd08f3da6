"""What judges: an encoder of one's own must answer what posts are labelled with."""

import shutil
from pathlib import Path

import msgspec
import pytest

from app.judgement import build_analyser, build_gazetteer
from core.errors import ConfigurationError
from core.settings import Settings
from nlp.encoder import CARD, SHIPPED, read_card


def test_an_encoder_that_was_trained_for_other_labels_is_refused_with_a_reason(tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(SHIPPED, own)
    card = read_card(own)
    fewer = {name: classes for name, classes in card.heads.items() if name != "danger"}
    (own / CARD).write_bytes(msgspec.json.encode(msgspec.structs.replace(card, heads=fewer)))
    settings = Settings(data_dir=tmp_path, encoder=str(own))
    with pytest.raises(ConfigurationError, match=r"was trained for other labels.*expected danger"):
        build_analyser(settings, build_gazetteer(settings))
