"""`python -m app.sample`: make the bundled sample anew."""

import argparse
import gzip
import io
import json
from pathlib import Path

from app.sample.playback import FILE
from app.sample.scenario import generate

DEFAULT_SEED = 20260601


def packed(posts: list[dict[str, object]]) -> bytes:
    """The posts as gzipped JSON Lines; the same posts give the same bytes."""
    lines = "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(lines.encode())
    return buffer.getvalue()


def main() -> None:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m app.sample", description="Make the bundled sample anew.")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    posts = generate(options.seed)
    options.out.write_bytes(packed(posts))
    print(f"{len(posts)} posts, {posts[0]['at']} to {posts[-1]['at']} -> {options.out}")


if __name__ == "__main__":
    main()
