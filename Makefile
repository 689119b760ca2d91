# SPDX-License-Identifier: Apache-2.0
# The front door; Meson and Ninja do the building. `make help` lists what there is.
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60

.PHONY: all setup demo check soak bench fuzz fuzz-report clean install format lint help \
	release asan clang-build
.DEFAULT_GOAL := all

all: release ## build/clair and build/clair-worker

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install the Debian packages that are missing (sudo when not root)
	@tools/setup

release:
	@tools/setup build
	@tools/configure build -Dtests=disabled
	@ninja -C build --quiet clair clair-server clair-worker

asan:
	@tools/configure build-asan -Db_sanitize=address,undefined -Doptimization=1 -Dtests=enabled -Dwerror=false
	@ninja -C build-asan --quiet all meson-test-prereq

clang-build:
	@CC=clang tools/configure build-clang -Dtests=enabled -Dwerror=true
	@ninja -C build-clang --quiet all meson-test-prereq

demo: release ## a small image, its feeds, and what a scan of it says
	@tools/demo

check: setup release ## every test and checker; last line: N passed, N failed
	@tools/check

soak: setup release ## the long campaigns in full
	@tools/check --soak

bench: release ## figures, never a verdict
	@tools/configure build -Dtests=disabled
	@ninja -C build --quiet bench
	@bench/run
	@bench/feeds
	@bench/data
	@bench/service

# make fuzz                  every target, SECONDS each
# make fuzz TARGET=tar       one of them; `make fuzz tar 600` says the same with a time
ifeq (fuzz,$(firstword $(MAKECMDGOALS)))
WORDS := $(wordlist 2,3,$(MAKECMDGOALS))
ifneq (,$(WORDS))
TARGET := $(firstword $(WORDS))
SECONDS := $(or $(word 2,$(WORDS)),$(SECONDS))
.PHONY: $(WORDS)
$(WORDS):
	@:
endif
endif
fuzz: setup ## fuzz every parser [TARGET=name] [SECONDS=60]
	@tools/fuzz "$(SECONDS)" $(TARGET)

fuzz-report: setup ## line coverage of each parser from its committed corpus
	@tools/fuzz-report

clean: ## remove all that was built
	rm -rf build build-asan build-clang build-fuzz build-cov

install: release ## [PREFIX=/usr/local] [DESTDIR=]
	@meson configure build -Dprefix="$(PREFIX)" -Dlibexecdir=libexec
	@ninja -C build --quiet
	@DESTDIR="$(DESTDIR)" meson install -C build --no-rebuild --strip --quiet
	@echo "installed below $(DESTDIR)$(PREFIX)"

format: ## lay the sources out with clang-format
	@clang-format -i $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.c')

lint: release ## who includes whom, banned calls, sizes, layout
	@tools/layers && tools/lint && tools/measure && tools/layout
