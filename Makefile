# Everything a developer runs. CI runs `make check`.

GO          ?= go
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
NFPM        ?= github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
CYCLONEDX   ?= github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
BENCHSTAT   ?= golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
FUZZTIME    ?= 30s
SCENARIOS   ?= 5000
BENCH       ?= .
PKG         ?= ./wire
BEFORE      ?= HEAD
WAN_ROUNDS  ?= 3

README_SCENARIOS = ^(one-target|fanout-200-1024|fanout-10000-1024|replies-10000)(-tls)?$$
GOAL_SCENARIOS   = ^(one-target|fanout-(200|10000)-1024|fanout-10000-200-20+c|replies-100*|reply-stream|mix)(-tls)?$$
RELAY_FLAGS = run --cluster {cluster} --federation {scheme}://{fed} --collective {scheme}://{col} --http {http} --log-level error
RELAY_ENV   = env FEDRELAY_FEDERATION_TLS_CA={ca} FEDRELAY_COLLECTIVE_TLS_CA={ca}
MICRO       = -run '^$$' -bench . -benchmem -benchtime 50ms ./wire ./pool ./pipeline

# Tests that compare very many messages, on one goroutine. The race detector sees fewer of them.
DIFF_TESTS  = TestPeerModeCarriesWhatTheIncumbentDoes|TestNothingIsPublishedThatTheJSONWayWouldNotPublish|TestRequestsThroughAnEdgeAreThoseWithout

# The version comes from VERSION. Go's own stamping fails in a clone that belongs to another user.
export GOFLAGS += -buildvcs=false

RELAY    = ./cmd/fedrelay
PROGRAMS = $(filter-out $(RELAY) ./scripts/licenses ./scripts/sbom,$(patsubst %/main.go,./%,$(wildcard cmd/*/main.go scripts/*/main.go)))

# The compiler optimizes the relay by this profile. It is not called default.pgo, because vet and
# tests would then compile everything anew.
PROFILE = cmd/fedrelay/relay.pgo
BUILD   = CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/

.DEFAULT_GOAL := help
.PHONY: help build stage packages check-packages demo chaos tools test race debug lint check fuzz reloads sim pictures bench bench-goals bench-publish bench-compare bench-wan bench-wan-publish profile pgo clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build all programs into bin/
	$(BUILD) -pgo $(PROFILE) $(RELAY)
	$(BUILD) $(PROGRAMS)

# Packages are the same, byte for byte, whenever and wherever a commit is packed with one version of
# Go. Their version is the tag, or one before the first release with the number of commits in it.
STAGE           = bin/package
ARCH           ?= $(shell $(GO) env GOARCH)
PACKAGE_VERSION ?= $(or $(shell git describe --tags --exact-match 2>/dev/null | sed -n 's/^v\([0-9].*\)/\1/p'),0.0.0-dev.$(shell git rev-list --count HEAD))
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
NOTICES         = internal/uplot/LICENSE

stage: ## build what packages contain: the program, manual pages, completions, licenses, SBOM
	rm -rf $(STAGE) && mkdir -p $(STAGE)/man $(STAGE)/completions
	CGO_ENABLED=0 GOARCH=$(ARCH) $(GO) build -trimpath -ldflags '-s -w -X main.version=$(PACKAGE_VERSION)' -pgo $(PROFILE) -o $(STAGE)/ $(RELAY)
	$(GO) run -tags manpages $(RELAY) man $(STAGE)/man
	for page in $(STAGE)/man/*; do gzip -n9 $$page; done
	for shell in bash fish zsh; do $(GO) run $(RELAY) completion $$shell > $(STAGE)/completions/fedrelay.$$shell || exit 1; done
	mv $(STAGE)/completions/fedrelay.zsh $(STAGE)/completions/_fedrelay
	$(GO) run ./scripts/licenses $(addprefix -also ,$(NOTICES)) $(STAGE)/fedrelay > $(STAGE)/LICENSES.txt
	$(GO) run $(CYCLONEDX) bin -json -noserial -notimestamp -licenses -version $(PACKAGE_VERSION) -output $(STAGE)/sbom.cdx.json $(STAGE)/fedrelay
	$(GO) run ./scripts/sbom $(STAGE)/sbom.cdx.json
	chmod -R u=rwX,go=rX $(STAGE) # whatever the umask is: in an image these are the rights of a stranger

packages: stage ## build the deb and the rpm into bin/
	for kind in deb rpm; do \
		ARCH=$(ARCH) PACKAGE_VERSION=$(PACKAGE_VERSION) SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) \
		$(GO) run $(NFPM) package --config deploy/packages/nfpm.yaml --packager $$kind --target bin/ || exit 1; \
	done

check-packages: ## install, run, upgrade and remove packages on this machine, and look whether they can be built again
	@test "$$(id -u)" = 0 || { echo "this installs packages: run it as root, on a machine that you do not need"; exit 1; }
	$(MAKE) tools TOOLS='$(TOOLS) puppet man-db rpm podman runc systemd-container'
	rm -rf bin/packages bin/*.deb bin/*.rpm && mkdir -p bin/packages/old bin/packages/new
	$(MAKE) packages PACKAGE_VERSION=0.0.1 && mv bin/*.deb bin/*.rpm bin/packages/old/
	$(MAKE) packages PACKAGE_VERSION=0.0.2 && mv bin/*.deb bin/*.rpm bin/packages/new/
	rm -rf bin/elsewhere && git clone -q . bin/elsewhere
	unshare --uts -- sh -c 'hostname elsewhere && umask 077 && exec "$$@"' sh $(MAKE) -C bin/elsewhere packages PACKAGE_VERSION=0.0.2
	cd bin/elsewhere/bin && sha256sum *.deb *.rpm > ../../packages/sums
	cd bin/packages/new && sha256sum -c ../sums
	mv bin/elsewhere/bin/package bin/packages/stage && rm -rf bin/elsewhere
	FEDTEST_TOOLS=required FEDTEST_PACKAGES=$(CURDIR)/bin/packages $(GO) test -count=1 -timeout 20m -v -run 'Package|Puppet|Systemd|Bare|Image' ./deploy

demo: build ## see it work: two relays, their servers and simulated nodes in one process
	bin/fedrelay-demo

# Programs that tests run besides Go, gcc and git, as Debian packages. Each test says which it needs.
TOOLS = chromium iproute2 prometheus tmux

tools: ## install the programs that some tests run (Debian, as root)
	@missing=$$(dpkg-query -W -f '$${db:Status-Status} $${Package}\n' $(TOOLS) 2>&1 | awk '!/^installed/ {print $$NF}'); \
	test -z "$$missing" || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TOOLS); }

test: ## run all tests, with released buffers overwritten and the order of locks checked
	$(GO) test -tags pooldebug ./...

race: ## run all tests with the race detector
	@test -d ../shared/vectors || echo "note: ../shared/vectors is absent: the recorded conversations are not replayed"
	@CGO_ENABLED=1 $(GO) test -race -count=1 -run TestVirtualTimeIsToBeHad -v ./internal/fedtest | grep '^note:' || true
	CGO_ENABLED=1 GORACE=atexit_sleep_ms=10 $(GO) test -race -count=1 -timeout 30m ./...

debug: ## run the tests of the data plane with released buffers overwritten and the order of locks checked, and on plain sockets
	$(GO) test -tags pooldebug -count=1 ./pool ./wire/... ./pipeline ./internal/lock ./internal/socket ./internal/natsio ./internal/sim
	$(GO) test -tags norawio -count=1 ./internal/rawio ./internal/socket ./internal/natsio
	$(GO) test -count=1 -run '^($(DIFF_TESTS))$$' ./internal/relay

lint: ## check formatting, module files, vet and staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) vet ./...
	$(GO) vet -tags pooldebug ./pool ./wire ./pipeline ./internal/lock
	$(GO) run $(STATICCHECK) ./...

check: ## all that CI runs
	@if test "$$(id -u)" = 0 && command -v apt-get > /dev/null; then \
		$(MAKE) tools && FEDTEST_TOOLS=required $(MAKE) lint build race debug; \
	else \
		echo "note: tests whose programs are not installed are skipped; make tools installs them on Debian, as root"; \
		$(MAKE) lint build race debug; \
	fi

.PHONY: schemas
schemas: ## make the JSON schemas in schemas/ anew from the Go types
	$(GO) test ./internal/config -run TestSchemaIsMadeFromTheStructs -update
	$(GO) test ./internal/schemas -run TestSchemasAreMadeFromTheTypes -update

fuzz: ## run each fuzz target for FUZZTIME (30s)
	@grep -roE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' --exclude-dir=bin . | sed -E 's|/[^/]*:func | |' | sort | \
	while read -r package target; do \
		echo "== $$package $$target"; \
		$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
	done

reloads: ## reload settings under load, on both planes: RELOADS (1000)
	$(GO) test -count=1 -timeout 0 ./internal/relay -run TestNothingIsLostOrDoubledWhileSettingsAreReloaded -v -reloads=$(or $(RELOADS),1000)

sim: ## throw faults at whole relays, in virtual time: SCENARIOS (5000), FIRST seed (a new one each time)
	$(GO) test -count=1 -timeout 0 ./internal/sim -run TestSimulation -v -scenarios=$(SCENARIOS) -first=$(or $(FIRST),$(shell date +%s))

pictures: build ## write docs/pictures anew, from real runs (needs what make tools installs)
	bin/pictures bin docs/pictures
	$(GO) test -count=1 ./internal/web -run TestPictures -args -pictures $(CURDIR)/docs/pictures

chaos: build ## break a federation under load, for less than five minutes: CHAOS_ONLY=regexp, CHAOS_OLD=another fedrelay, CHAOS_PUBLISH=1
	bin/chaos --relay bin/fedrelay $(if $(CHAOS_OLD),--old $(CHAOS_OLD)) $(if $(CHAOS_ONLY),--only '$(CHAOS_ONLY)') $(if $(CHAOS_PUBLISH),--markdown README.md)

bench: build ## measure beside other relays, into bin/: BENCH_ROUNDS (3), BENCH_SCENARIOS=regexp, BENCH_ALL=1, BENCH_PEER='command {fed} {col}'
	$(GO) build -o bin/benchmarks ./benchmarks
	bin/benchmarks -out bin/latest -baseline benchmarks/baseline.json

bench-goals: build ## measure only what the goals are about
	$(GO) build -o bin/benchmarks ./benchmarks
	bin/benchmarks -out bin/goals -scenarios '$(GOAL_SCENARIOS)' -contestants '^(floor|direct|fedrelay|fedrelay-again)$$'

bench-publish: build ## measure, and renew the tables of both READMEs and the baseline
	$(GO) build -o bin/benchmarks ./benchmarks
	bin/benchmarks -out bin/latest -markdown benchmarks/README.md -keep benchmarks/baseline.json
	bin/benchmarks -from bin/latest.json -scenarios '$(README_SCENARIOS)' -contestants 'floor|plain|fedrelay$$' -markdown README.md

bench-compare: build ## measure this relay and that of BEFORE, a commit (HEAD), in turns
	rm -rf bin/before && mkdir -p bin/before && git archive $(BEFORE) | tar -x -C bin/before
	CGO_ENABLED=0 $(GO) build -C bin/before -trimpath $$(test ! -f bin/before/$(PROFILE) || echo -pgo $(PROFILE)) -o ../fedrelay-before ./cmd/fedrelay
	$(GO) build -o bin/benchmarks ./benchmarks
	bin/benchmarks -out bin/compare -contestants '^(floor|fedrelay|fedrelay-again)$$' -peer '$(RELAY_ENV) bin/fedrelay-before $(RELAY_FLAGS)'
	rm -f bin/micro-before.txt bin/micro.txt
	for round in 1 2 3 4 5 6; do \
		$(GO) test -C bin/before $(MICRO) >> bin/micro-before.txt && $(GO) test $(MICRO) >> bin/micro.txt || exit 1; \
	done
	rm -rf bin/before
	$(GO) run $(BENCHSTAT) bin/micro-before.txt bin/micro.txt

bench-wan: build ## measure on long lines, into bin/: WAN_ROUNDS (3), BENCH_CELLS=regexp of lines such as 100ms-10M
	$(GO) build -o bin/benchmarks ./benchmarks
	bin/benchmarks wan -rounds $(WAN_ROUNDS) -out bin/wan

bench-wan-publish: build ## measure on long lines, and renew docs/long-haul.md and its picture
	$(GO) build -o bin/benchmarks ./benchmarks
	bin/benchmarks wan -rounds $(WAN_ROUNDS) -out bin/wan -markdown docs/long-haul.md -picture docs/long-haul.svg

profile: ## profile benchmarks into bin/: BENCH=regexp (.), PKG=package (./wire)
	@mkdir -p bin
	$(GO) test -run '^$$' -bench '$(BENCH)' -cpuprofile bin/cpu.prof -memprofile bin/mem.prof -o bin/profile.test $(PKG)
	$(GO) tool pprof -top -nodecount 20 bin/profile.test bin/cpu.prof

pgo: build ## renew the profile that the compiler optimizes the relay by
	copy=$$(mktemp -d) && cp bin/fedrelay $$copy && \
	bin/loadgen run --cluster london --nodes 400 --targets 400 --requests 4000 --closed-loop --payload 1024 --reply-size 1024 \
		--exec "$$copy/fedrelay run --cluster london --federation nats://{fed} --collective nats://{col} --http {http} --log-level error --profile cpu --profile-dir $$copy" && \
	mv $$copy/cpu.pprof $(PROFILE) && rm -r $$copy # the profile names the program: not by a path of whoever made it

clean: ## remove what was built
	rm -rf bin
