"""Logins that people lend."""

import pytest

from core.errors import Refused
from core.sealing import Seal


def test_what_is_sealed_opens_with_the_same_secret_only_and_never_looks_the_same():
    seal = Seal("office secret")
    first, second = seal.close("SUB=甲"), seal.close("SUB=甲")
    assert seal.open(first) == Seal("office secret").open(second) == "SUB=甲"
    assert first != second
    assert b"SUB" not in first
    for wrong in (Seal("another"), seal):
        with pytest.raises(Refused) as caught:
            wrong.open(first if wrong is not seal else first[:-4] + b"AAAA")
        assert caught.value.code == "bad_seal"
