# Building and running need Go and nothing else. The targets below save typing.
SHELL := /bin/sh
.DEFAULT_GOAL := help

LINT := go tool -modfile=.ci/tools/lint.mod golangci-lint
SQLC := CGO_ENABLED=0 go tool -modfile=.ci/tools/sqlc.mod sqlc

.PHONY: help run demo gen css vendor test race lint check e2e screenshots ci

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run the console on 127.0.0.1:8080 with SQLite in ./data
	go run .

demo: ## Run it with example jobs in ./data/demo
	go run . --demo

gen: ## Generate code from templates (templ) and SQL (sqlc)
	go tool templ generate ./views/...
	$(SQLC) generate -f db/sqlc.yaml

css: ## Build the style sheet; needs Node
	npm install --no-save --no-audit --no-fund
	npm run css

vendor: ## Copy the scripts and icons that pages use from node_modules
	npm run vendor

test: ## Run all tests; those of PostgreSQL and the browser when these are there
	go test ./...

race: ## The same with the race detector, in random order
	go test -race -shuffle=on ./...

lint: ## Run the linters
	$(LINT) run ./...

check: gen lint race ## Everything a change must pass; fails if generated code was not committed
	gofmt -l . | (! grep .)
	go vet ./...
	git diff --exit-code

e2e: ## Test the built program as a process and in headless Chromium
	go test -count=1 ./internal/e2e

screenshots: ## Take the pictures in docs/screens again
	CARILLON_SCREENSHOTS=$(CURDIR)/docs/screens go test -count=1 -timeout 20m -run TestScreenshots ./internal/e2e

ci: ## Everything that must hold before a change lands, as the CI does it
	.ci/run
