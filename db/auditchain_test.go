package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/clock"
	"carillon/internal/control"
	"carillon/internal/ident"
)

func addAudit(ctx context.Context, s *db.Store, note string) error {
	return s.InsertAudit(ctx, audit.Entry{
		ID: ident.New(), At: dbtest.T0().Add(time.Millisecond + time.Microsecond), ActorID: "u1", ActorName: "alice", Via: "session",
		Action: audit.JobUpdate, Subject: "job", SubjectID: "j1", Before: []byte(`{"a":1}`), Note: note + "\x00\xff",
	})
}

// verify walks the chain as the command does.
func verify(ctx context.Context, s *db.Store, known audit.Link) (audit.Link, error) {
	accounts := control.NewAccounts(control.AccountsDeps{Store: s, Clock: clock.System()})
	return accounts.VerifyAudit(ctx, access.CLI("test"), known)
}

func TestAuditChainWithConcurrentWriters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		const writers, each = 8, 20
		undone := errors.New("undone")
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					note := fmt.Sprintf("%d/%d", w, i)
					if err := addAudit(t.Context(), s, note); err != nil {
						t.Error(err)
					}
					err := s.InTx(t.Context(), func(ctx context.Context) error {
						if err := addAudit(ctx, s, note+" first of two"); err != nil {
							return err
						}
						if err := addAudit(ctx, s, note+" second of two"); err != nil || i%2 == 0 {
							return err
						}
						return undone
					})
					if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, undone) {
						t.Errorf("transaction: %v", err)
					}
				}
			})
		}
		wg.Wait()
		head, err := verify(t.Context(), s, audit.Link{})
		noError(t, err)
		wantEqual(t, head.Seq, int64(writers*each*2))
	})
}

func TestTamperingWithTheAuditShows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		for i := range 5 {
			noError(t, addAudit(ctx, s, fmt.Sprint(i)))
		}
		fourth, err := s.AuditChain(ctx, 3, 1)
		noError(t, err)
		noError(t, addAudit(ctx, s, "last"))
		head, err := verify(ctx, s, fourth[0].Link())
		noError(t, err)
		wantEqual(t, head.Seq, int64(6))
		noError(t, s.Exec(ctx, "CREATE TABLE kept AS SELECT * FROM audit"))
		noError(t, s.Exec(ctx, "CREATE TABLE kept_head AS SELECT * FROM audit_head"))
		for _, c := range []struct {
			name, change string
			fault        audit.Fault
			seq          int64
		}{
			{"another note", "UPDATE audit SET note = 'x' WHERE seq = 3", audit.Changed, 3},
			{"another time", "UPDATE audit SET at = at + 1 WHERE seq = 3", audit.Changed, 3},
			{"another actor", "UPDATE audit SET actor_name = 'bob' WHERE seq = 1", audit.Changed, 1},
			{"no before", "UPDATE audit SET before_json = NULL WHERE seq = 2", audit.Changed, 2},
			{"one is gone", "DELETE FROM audit WHERE seq = 3", audit.Missing, 3},
			{"the first is gone", "DELETE FROM audit WHERE seq = 1", audit.Missing, 1},
			{"the last is gone", "DELETE FROM audit WHERE seq = 6", audit.CutOff, 6},
			{"all are gone", "DELETE FROM audit", audit.CutOff, 1},
			{"two change places", "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); UPDATE audit SET seq = -seq WHERE seq < 0", audit.Changed, 2},
			{"one is taken out of the chain", "UPDATE audit SET seq = NULL WHERE seq = 6; UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)", audit.Stray, 0},
			{"the end was moved back", "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)", audit.Stray, 6},
			{"the noted end is another", "UPDATE audit_head SET hash = 'x'", audit.CutOff, 6},
		} {
			noError(t, s.Exec(ctx, c.change))
			var broken *audit.Break
			if _, err := verify(ctx, s, audit.Link{}); !errors.As(err, &broken) || broken.Fault != c.fault || broken.Seq != c.seq {
				t.Errorf("%s: %v, want %s at %d", c.name, err, c.fault, c.seq)
			}
			for _, table := range []string{"audit", "audit_head"} {
				noError(t, s.Exec(ctx, "DELETE FROM "+table))
			}
			noError(t, s.Exec(ctx, "INSERT INTO audit SELECT * FROM kept"))
			noError(t, s.Exec(ctx, "INSERT INTO audit_head SELECT * FROM kept_head"))
			_, err := verify(ctx, s, head)
			noError(t, err)
		}

		// Whoever can write the tables can also make a new chain, or cut the end off with
		// care. A link noted elsewhere shows both.
		noError(t, s.Exec(ctx, "DELETE FROM audit WHERE seq = 6"))
		noError(t, s.Exec(ctx, "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)"))
		_, err = verify(ctx, s, audit.Link{})
		noError(t, err)
		var broken *audit.Break
		if _, err = verify(ctx, s, head); !errors.As(err, &broken) || broken.Fault != audit.CutOff || broken.Seq != 6 {
			t.Errorf("cut off with care: %v", err)
		}
		noError(t, addAudit(ctx, s, "another last"))
		if _, err = verify(ctx, s, head); !errors.As(err, &broken) || broken.Fault != audit.Changed || broken.Seq != 6 {
			t.Errorf("another end: %v", err)
		}
	})
}

// TestAuditFromBeforeTheChain opens a database that was made before the audit had a chain.
func TestAuditFromBeforeTheChain(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"sqlite", "pgx"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			ctx, dir, url := t.Context(), t.TempDir(), ""
			source := filepath.Join(dir, "carillon.db")
			if driver == "pgx" {
				url = dbtest.PostgresURL(t)
				source = url
			}
			pool, err := sql.Open(driver, source)
			noError(t, err)
			noError(t, db.MigrateTo(ctx, pool, driver == "sqlite", 1))
			const rows = 1203 // more than two batches
			for i := range rows {
				_, err := pool.ExecContext(ctx, fmt.Sprintf(`INSERT INTO audit (id, at, actor_id, actor_name, via, address, action, subject,
					subject_id, subject_name, before_json, after_json, note, request_id)
					VALUES ('id-%d', %d, 'u', 'ada', 'cli', '', 'job.create', 'job', 'j', 'ops/nightly', NULL, '{"a": 1}', 'note', '')`, i, i/7))
				noError(t, err)
			}
			noError(t, pool.Close())
			s := dbtest.Open(t, db.Options{Dir: dir, URL: url})
			noError(t, addAudit(ctx, s, "after"))
			head, err := verify(ctx, s, audit.Link{})
			noError(t, err)
			wantEqual(t, head.Seq, int64(rows+1))
		})
	}
}
