# Everything a person or CI does here. Needs Python 3.11, make and git; uv, Node and the rest come from PyPI.
.PHONY: looks pictures run test check bench bench-board bench-nlp bench-incidents bench-content crawl-long storm chaos story web models encoder sync

PYTHON ?= python3.11
UV := .tools/bin/uv
RUN := $(UV) run --frozen --all-extras
# A file of tests stays in one process, some are stories. Servers that are given are shared, and cannot be emptied by two.
TEST_PROCESSES := $(if $(HUIYING_TEST_KAFKA)$(HUIYING_TEST_ELASTICSEARCH)$(HUIYING_TEST_POSTGRES),0,2)
BOARD := api/board/index.html

run: .tools/synced $(BOARD)      ## start everything with the bundled sample and print the address of the board
	$(UV) run --frozen huiying serve --sample

test: check web                  ## every test, with a real browser
	$(RUN) python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

check: sync                      ## lint, types, import rules
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) lint-imports
	$(RUN) mypy

bench: sync $(BOARD)             ## the figures of docs/performance.md, as ratios in one run
	$(RUN) --group bench python -m bench

bench-board: sync $(BOARD)       ## how fast the screens are with a million posts stored, in a real Chromium
	$(RUN) --group bench python -m bench board

storm: sync                      ## ten thousand updates of five hundred incidents against a receiver that fails
	HUIYING_TEST_STORM=500 $(RUN) python -m pytest -q tests/unit/alerts/test_storm.py

bench-nlp: sync                  ## labels of every tier and of what others would use, on the development sets
	$(RUN) --group bench python -m bench.labels --data ../shared/data

bench-incidents: sync            ## incidents found in five days of Weibo, beside what others would use
	$(RUN) --group bench python -m bench.incidents --shared ../shared --out /tmp/huiying-incidents

pictures: sync $(BOARD)         ## pictures of the console's screens, into docs/images
	$(RUN) python -m tests.e2e.pictures
	$(RUN) python -m tests.e2e.board_pictures

looks: sync $(BOARD)            ## the references that tests/e2e/test_looks.py holds the screens against, anew
	$(RUN) python -m tests.e2e.test_looks

chaos: sync                      ## the long set of faults on real servers; writes docs/faults.md
	$(RUN) python -m tests.chaos

story: sync                      ## the story of an outage with a server that is killed 50 times: the same end
	$(RUN) python -m tests.story

crawl-long: sync                 ## real sites of Debian and npm; three crawlers that are killed at random: each item in the log once
	$(RUN) python -m pytest -q tests/integration/crawl_long_sites.py tests/integration/crawl_long_shapes.py
	$(RUN) python -m tests.crawl_long

bench-content: sync              ## main text and times, ours and what others would use
	$(UV) run --frozen --all-extras --with readability-lxml==0.9 --with trafilatura==2.3.1 --with dateparser==1.5.0 --with jionlp==1.5.31 python -m bench.content

models: sync                     ## train what ships, from ../shared/data
	$(RUN) python -m nlp.training --data ../shared/data

encoder: sync                    ## train the second tier, from ../shared/data; hours, and goes on where it was cut off
	$(RUN) python -m nlp.training.encoder --data ../shared/data

web: sync                        ## check, test and build the board
	$(RUN) python web/build.py --check

sync: .tools/synced
	$(UV) sync --frozen --all-extras --quiet

$(BOARD): $(shell find web/src web/public web/*.json web/*.ts web/index.html 2>/dev/null) | sync
	$(RUN) python web/build.py

.tools/synced: uv.lock pyproject.toml
	test -x $(UV) || ($(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv==0.13.9)
	$(UV) sync --frozen --quiet --python $(PYTHON)
	touch $@
