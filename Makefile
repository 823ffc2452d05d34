# Building and running need Go and nothing else. The targets below save typing.
SHELL := /bin/sh
.DEFAULT_GOAL := help

LINT := go tool -modfile=.ci/tools/lint.mod golangci-lint
SQLC := CGO_ENABLED=0 go tool -modfile=.ci/tools/sqlc.mod sqlc

.PHONY: help run demo gen css test race lint check e2e screenshots

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run the console on 127.0.0.1:8080 with SQLite in ./data
	go run .

demo: ## Run it with example jobs in ./data/demo
	go run . --demo

gen: ## Generate code from templates (templ) and SQL (sqlc)
	go tool templ generate
	$(SQLC) generate -f db/sqlc.yaml

css: ## Build the style sheet; needs Node
	npm ci --no-audit --no-fund
	npm run css

test: ## Run all tests but those in a browser
	go test ./...

race: ## The same with the race detector, in random order
	go test -race -shuffle=on ./...

lint: ## Run the linters
	$(LINT) run ./...

check: gen lint race ## Everything a change must pass; fails if generated code was not committed
	gofmt -l . | (! grep .)
	go vet ./...
	git diff --exit-code

e2e: ## Drive the program in headless Chromium
	go test -tags e2e ./internal/e2e/...

screenshots: ## Take the pictures in docs/screens again
	CARILLON_SCREENSHOTS=$(CURDIR)/docs/screens go test -tags e2e -count=1 -run TestScreenshots ./internal/e2e/...
