import gzip
from pathlib import Path

import pytest

from nlp.places import load_gazetteer, load_place_list
from nlp.training.places import communities, ship

TABLES = {
    "provinces": "code,name\n98,海省\n",
    "cities": "code,name,provinceCode\n9801,市辖区,98\n9802,临港市,98\n",
    "areas": "code,name,cityCode,provinceCode\n980101,云滩区,9801,98\n980201,雾洲区,9802,98\n",
    "streets": "code,name,areaCode,provinceCode,cityCode\n980101001,听涛街道,980101,98,9801\n",
    "communities": "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    "980101001001,潮音社区居委会,980101001,98,9801,980101\n"
    "980201001001,王家村村委会,980201001,98,9802,980201\n",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return tmp_path


def test_ship_leaves_out_rows_that_name_no_place_and_keeps_the_tree(data: Path) -> None:
    assert ship(data, data / "places.txt.gz") == 5

    gazetteer = load_gazetteer(shipped=data / "places.txt.gz")
    assert gazetteer.parts("98") == [("980101", "云滩区"), ("9802", "临港市")]
    assert gazetteer.parts("980101") == [("980101001", "听涛街道")]


def test_ship_gives_the_same_bytes_again(data: Path) -> None:
    ship(data, data / "first.gz")
    ship(data, data / "second.gz")

    assert (data / "first.gz").read_bytes() == (data / "second.gz").read_bytes()


def test_communities_of_a_division_become_a_place_list(data: Path) -> None:
    assert communities(data, "9801", data / "places.yaml") == 1

    gazetteer = load_gazetteer(load_place_list(data / "places.yaml"))
    (place,) = gazetteer.find("潮音社区停电", "980101")
    assert (place.code, place.name) == ("980101001001", "潮音社区居委会")
