"""A crawler process of the long set: as `huiying crawl --watch`, in a hurry (no pause at a host, leases of ten seconds)."""

import sys
from ipaddress import ip_network
from pathlib import Path

import app.sources
from app.sources import IntakeSink, StoredSources
from core.clock import utc_now
from core.sealing import Seal
from core.storage.sqlite import open_storage
from core.telemetry import Metrics, configure_logging
from crawlers import service
from crawlers.settings import Identity, Limits
from nlp.admission import Admission
from nlp.intake import Intake


def main(folder: str) -> None:
    configure_logging("error", "console")
    app.sources.LEASE_S, service.RENEW_EVERY_S = 10.0, 3.0
    storage = open_storage(Path(folder))
    rules = Admission(jurisdiction="990100", salt="test", now=utc_now(), origin="", source="test")
    intake = Intake(storage.log, storage.store, rules, utc_now, Metrics(), lambda: 0, 10_000)
    register = StoredSources(storage, Seal("test"), lambda *_: None)
    manners = service.Manners(
        identity=Identity(version="0", contact_url="https://example.invalid"),
        limits=Limits(delay_s=0),
        allow=(ip_network("127.0.0.0/8"),),
    )
    service.watch(register, IntakeSink(intake), manners)
    storage.close()


if __name__ == "__main__":
    main(sys.argv[1])
