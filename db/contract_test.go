package db_test

import (
	"testing"

	"go.uber.org/goleak"

	"carillon/db"
	"carillon/internal/control"
	"carillon/internal/output"
	"carillon/internal/runner"
	"carillon/internal/scheduler"
)

// The store is all that its consumers ask for.
var (
	_ control.JobStore     = (*db.Store)(nil)
	_ control.AuditStore   = (*db.Store)(nil)
	_ control.AccountStore = (*db.Store)(nil)
	_ scheduler.Store      = (*db.Store)(nil)
	_ runner.Store         = (*db.Store)(nil)
	_ output.Store         = (*db.Store)(nil)
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
