"""The built wheel holds everything that runs, and runs in an environment that has nothing else."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.e2e.product import ROOT, environment, until


def uv() -> str:
    """uv, from PATH or from the Makefile's own folder."""
    found = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    assert Path(found).exists(), "run this by `make test`: it brings uv"
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([uv(), "build", "--quiet", "--wheel", "--out-dir", out, ROOT], check=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_board_the_models_the_policy_and_the_sample(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "api/board/index.html",
        "alerts/data/rules.yaml",
        "nlp/data/risk.yaml",
        "nlp/data/week.json",
        "app/sample/sample.jsonl.gz",
    ):
        assert wanted in names
    assert {"nlp/models/fast.npz", "nlp/models/encoder/encoder.onnx", "nlp/models/english/encoder.onnx"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "bench/", "web/"))]


def bare_environment() -> dict[str, str]:
    """Of a process that knows nothing of this checkout."""
    return {k: v for k, v in environment().items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}


@pytest.fixture(scope="module")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it needs."""
    made = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([uv(), "venv", "--quiet", "--python", sys.executable, made], check=True)
    install = [uv(), "pip", "install", "--quiet", "--python", str(made / "bin" / "python"), str(wheel)]
    subprocess.run(install, check=True, timeout=300, env=bare_environment())
    return made


def test_the_installed_wheel_labels_with_its_encoders_and_without_torch(venv: Path, tmp_path: Path) -> None:
    texts = {
        "zh": "这条路的路灯坏了很久没人修，投诉了三次",
        "en": "The water has been off for days and nobody answers the phone",
    }
    lines = "".join(json.dumps({"id": id_, "text": text}) + "\n" for id_, text in texts.items())
    env = bare_environment() | {"HUIYING_ENCODER": "shipped"}
    command = [str(venv / "bin" / "huiying"), "label"]
    made = subprocess.check_output(command, input=lines, env=env, cwd=tmp_path, text=True, timeout=120)
    models = {found["id"]: found["model"] for found in map(json.loads, made.splitlines())}
    assert "+chinese-" in models["zh"]
    assert models["en"].startswith("english-")
    torch = "import importlib.util as u; print(u.find_spec('torch'))"
    assert subprocess.check_output([str(venv / "bin" / "python"), "-c", torch], env=env, text=True) == "None\n"


def test_the_installed_wheel_serves(venv: Path, tmp_path: Path) -> None:
    env = bare_environment()
    log = tmp_path / "log"
    serve = [str(venv / "bin" / "huiying"), "serve", "--data-dir", str(tmp_path / "data"), "--port", "0"]
    with log.open("wb") as out:
        process = subprocess.Popen(serve, cwd=tmp_path, env=env, stdout=out, stderr=out)
    try:
        url = until(lambda: _address(log), 60, "it never said where it listens")
        page = until(lambda: _get(url), 30, f"no answer:\n{log.read_text()}")
        assert "<script" in page
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()


def _address(log: Path) -> str | None:
    return next((word for word in log.read_text(errors="replace").split() if word.startswith("http://")), None)


def _get(url: str) -> str | None:
    try:
        return httpx.get(url, timeout=2).text
    except httpx.TransportError:
        return None
