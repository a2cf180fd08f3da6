"""Lists of feeds as other programs exchange them: OPML 2.0 (opml.org/spec2.opml)."""

from collections.abc import Iterable

from lxml import etree
from msgspec import Struct

from core.errors import Refused
from core.records import Source

MOST = 2_000
KIND = "{https://github.com/huiying/huiying}kind"
NAMESPACES = {"huiying": "https://github.com/huiying/huiying"}


class Outline(Struct, frozen=True, kw_only=True):
    """A line of the file; `kind` is ours where we wrote the file, else empty."""

    url: str
    name: str
    kind: str = ""


def read_opml(data: bytes) -> list[Outline]:
    """The addresses of a file, in order, each once. Raises `Refused` (`bad_opml`) for what is no OPML, or too long."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("bad_opml", f"This is no OPML file: {error.msg}.") from error
    if root.tag != "opml":
        raise Refused("bad_opml", f"This is no OPML file: it begins with <{root.tag}>.")
    found = {url: line for line in root.iter("outline") if (url := _address(line))}
    if len(found) > MOST:
        raise Refused("bad_opml", f"The file names {len(found)} addresses, at most {MOST} are taken at once.")
    return [Outline(url=url, name=_name(line), kind=line.get(KIND) or "") for url, line in found.items()]


def write_opml(sources: Iterable[Source]) -> bytes:
    """The sources as OPML. Other programs read the feeds in it; ours reads the kinds too."""
    root = etree.Element("opml", version="2.0", nsmap=NAMESPACES)
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Huiying 回应"
    body = etree.SubElement(root, "body")
    for source in sources:
        line = etree.SubElement(body, "outline", text=source.name, title=source.name, xmlUrl=source.url)
        line.set("type", "rss" if source.kind == "feed" else "link")
        line.set(KIND, source.kind)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _address(line: etree._Element) -> str:
    return (line.get("xmlUrl") or line.get("xmlurl") or "").strip()


def _name(line: etree._Element) -> str:
    return (line.get("title") or line.get("text") or "").strip()
