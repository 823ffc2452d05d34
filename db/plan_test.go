package db

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/audit"
	"carillon/internal/job"
)

// planner explains queries of a fresh SQLite database without statistics, which is how
// every installation runs.
type planner struct{ store *Store }

func newPlanner(t *testing.T) *planner {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &planner{store: s}
}

// explain returns the steps of the plan.
func (p *planner) explain(t *testing.T, query string, args ...any) []string {
	t.Helper()
	rows, err := p.store.main.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+sqliteText(query), args...)
	if err != nil {
		t.Fatalf("%s\n%v", query, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// check fails on a plan that sorts, or that reads a table without an index.
func (p *planner) check(t *testing.T, query string, args ...any) {
	t.Helper()
	for _, step := range p.explain(t, query, args...) {
		if wasteful(step) {
			t.Errorf("%s\nplan: %s", query, step)
		}
	}
}

// wasteful tells a bad step of a plan; a scan of a short list of values is none.
func wasteful(step string) bool {
	for _, table := range []string{"jobs", "runs", "r", "job_revisions", "audit", "users", "sessions", "tokens"} {
		if step == "SCAN "+table {
			return true
		}
	}
	return strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "AUTOMATIC")
}

func TestWastefulPlansAreSeen(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	for _, query := range []string{
		"SELECT * FROM jobs WHERE node = 'x'", "SELECT * FROM runs ORDER BY finished_at", "SELECT r.* FROM runs r WHERE r.error = ''",
	} {
		if !slices.ContainsFunc(p.explain(t, query), wasteful) {
			t.Errorf("%s: not seen", query)
		}
	}
}

func TestJobListsWalkAnIndex(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	yes, at := true, time.Unix(1e9, 0)
	filters := []job.Filter{
		{}, {Text: "x"}, {Name: "x"}, {Group: "g"}, {Groups: []string{"g"}}, {Groups: []string{"g", "h"}}, {Kind: "k"},
		{States: []job.State{job.Active}}, {States: []job.State{job.Active, job.Paused}}, {LastOutcome: job.RunFailed},
		{Tag: "t"}, {Owner: "o"}, {Node: "n"}, {Source: job.SourceUser}, {HideSystem: true}, {Priority: job.High},
		{Type: job.Cron}, {Abandoned: &yes}, {Running: true}, {CreatedFrom: at, CreatedTo: at}, {LastRunFrom: at, LastRunTo: at},
		{BeginFrom: at, EndTo: at},
		{Group: "g", States: []job.State{job.Active}, Kind: "k", Owner: "o", LastOutcome: job.RunLost, HideSystem: true, Text: "x"},
	}
	sorts := []job.JobSort{job.SortGroupName, job.SortName, job.SortNextRun, job.SortLastRun, job.SortCreated, job.SortPriority}
	for _, sort := range sorts {
		order, err := jobOrderOf(sort)
		if err != nil {
			t.Fatal(err)
		}
		after := encodeCursor("jobs."+strings.Join(order.columns, ".")+".true", order.key(job.Job{ID: "x"}))
		for i, f := range filters {
			for _, page := range []job.JobPage{{Limit: 50}, {Limit: 50, Desc: true, After: after}, {Limit: 50, Offset: 100}} {
				q, _, err := p.store.jobPageQuery(f, page, order, 50)
				if err != nil {
					t.Fatalf("filter %d: %v", i, err)
				}
				p.check(t, q.text.String(), q.args...)
			}
		}
	}
}

func TestRunListsWalkAnIndex(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	yes, at := true, time.Unix(1e9, 0)
	filters := []job.RunFilter{
		{}, {JobID: "j"}, {Group: "g"}, {Name: "n"}, {Kind: "k"}, {States: []job.RunState{job.RunFailed}},
		{States: []job.RunState{job.RunSucceeded}, Group: "g"}, {States: []job.RunState{job.RunFailed}, Group: "g"},
		{States: []job.RunState{job.RunFailed, job.RunLost}}, {Triggers: []job.Trigger{job.TriggerAPI, job.TriggerManual}},
		{NodeID: "n"}, {Text: "x"}, {From: at, To: at}, {Ended: true}, {HasError: &yes},
		{JobID: "j", Group: "g", States: []job.RunState{job.RunSucceeded}, Ended: true, From: at, Text: "x"},
		{JobID: "j", States: []job.RunState{job.RunQueued, job.RunRunning}},
	}
	after := encodeCursor("runs.false", runKey(job.Run{ID: "x"}))
	for i, f := range filters {
		for _, page := range []job.RunPage{{Limit: 50}, {Limit: 50, Ascending: true}, {Limit: 50, After: after}} {
			q, _, err := p.store.runPageQuery(f, page, 50)
			if err != nil {
				t.Fatalf("filter %d: %v", i, err)
			}
			p.check(t, q.text.String(), q.args...)
		}
	}
}

// A job's history must be read by the job's index, however common a state is.
func TestRunsOfAJobAreReadByTheJob(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	q, _, err := p.store.runPageQuery(job.RunFilter{JobID: "j", Group: "g", States: []job.RunState{job.RunSucceeded}}, job.RunPage{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	p.check(t, selectAudit+" WHERE seq > ? ORDER BY seq LIMIT ?", 1, 2)
	bars := p.store.barsQuery([]job.ID{"a", "b"}, 30)
	for _, q := range []*query{q, bars} {
		found := 0
		for _, step := range p.explain(t, q.text.String(), q.args...) {
			if strings.Contains(step, "SEARCH runs USING INDEX runs_by_job (job_id=?") {
				found++
			}
		}
		if want := strings.Count(q.text.String(), "job_id ="); found != want {
			t.Errorf("%s\nby job: %d of %d: %q", q.text.String(), found, want, p.explain(t, q.text.String(), q.args...))
		}
	}
}

func TestRunsAreStartedByTheirIDs(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	q := p.store.startRunsQuery([]job.RunID{"a", "b", "c", "d", "e", "f"}, "n", time.Unix(1, 0))
	steps := p.explain(t, q.text.String(), q.args...)
	if len(steps) != 1 || !strings.Contains(steps[0], "(id=?)") {
		t.Errorf("plan: %q", steps)
	}
}

func TestOtherListsWalkAnIndex(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	for _, f := range []audit.Filter{
		{}, {Action: "a"}, {ActorName: "n"}, {SubjectID: "s"}, {Text: "x"}, {From: time.Unix(1, 0)},
		{Action: "a", ActorName: "n", SubjectID: "s"}, {Action: "a", ActorName: "n"},
	} {
		q, err := p.store.auditQuery(f, encodeCursor(auditOrder, auditKey(audit.Entry{ID: "x"})), 50)
		if err != nil {
			t.Fatal(err)
		}
		p.check(t, q.text.String(), q.args...)
	}
	p.check(t, selectAudit+" WHERE seq > ? ORDER BY seq LIMIT ?", 1, 2)
	bars := p.store.barsQuery([]job.ID{"a", "b"}, 30)
	p.check(t, bars.text.String(), bars.args...)
	row := sqlgen.Job{ID: "a"}
	status := p.store.statusQuery([]sqlgen.Job{row, row})
	p.check(t, status.text.String(), status.args...)
}

// recorder lets the generated code show its queries.
type recorder struct {
	*sql.DB
	texts []string
}

func (r *recorder) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	r.texts = append(r.texts, query)
	return sqliteDB{r.DB}.PrepareContext(ctx, query)
}

// Every generated query is found by an index, but for those on tables of a few rows.
func TestGeneratedQueriesUseAnIndex(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	r := &recorder{DB: p.store.main.write}
	q, err := sqlgen.Prepare(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	small := []string{"ListUsers", "HasUsers", "PurgeNodes", "PurgeSessions", "ListUserSessions", "OpenRuns", "Insert"}
	checked := 0
next:
	for _, text := range r.texts {
		for _, name := range small { // OpenRuns sorts a job's few rows in flight
			if strings.Contains(text, "-- name: "+name) {
				continue next
			}
		}
		args := make([]any, 40)
		for i := range args {
			args[i] = i
		}
		p.check(t, text, args[:highestParameter(text)]...)
		checked++
	}
	if checked < 20 {
		t.Errorf("only %d queries were checked", checked)
	}
}

func highestParameter(text string) int {
	n := 0
	for strings.Contains(text, fmt.Sprintf("$%d", n+1)) {
		n++
	}
	return n
}

func TestSettingsReachEveryConnection(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	ctx := t.Context()
	for _, pools := range []pools{p.store.main, p.store.out} {
		var conns []*sql.Conn
		for range 4 {
			c, err := pools.read.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, c)
		}
		w, err := pools.write.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range append(conns, w) {
			writer := i == len(conns)
			want := map[string]string{
				"journal_mode": "wal", "busy_timeout": "5000", "foreign_keys": "1", "synchronous": "1",
				"auto_vacuum": "2", "journal_size_limit": "67108864", "query_only": "1", "cache_size": "-8000", "temp_store": "2",
			}
			if writer {
				want["query_only"], want["cache_size"] = "0", "-16000"
			}
			for name, value := range want {
				var got string
				if err := c.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil || got != value {
					t.Errorf("writer %v: %s = %q, want %q (%v)", writer, name, got, value, err)
				}
			}
			if _, err := c.ExecContext(ctx, `SELECT "no such column"`); err == nil {
				t.Error("a misspelt name is taken for a text")
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFilesAreInTheDataFolder(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	names, err := filepath.Glob(filepath.Join(p.store.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 7 { // two files with log and index each, and the lock
		t.Errorf("files: %q", names)
	}
}
