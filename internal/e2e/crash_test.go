package e2e_test

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"carillon/db"
	"carillon/internal/e2e"
	"carillon/internal/job"
)

var crashes = flag.Int("crashes", 8, "how often TestKill9LosesAndDoublesNothing kills the server")

// TestKill9LosesAndDoublesNothing kills the server again and again while a job fires each second and another
// one always runs, and then accounts for every second:
//
//	go test ./internal/e2e -run Kill9 -crashes 50
func TestKill9LosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	data, ledger := t.TempDir(), filepath.Join(t.TempDir(), "ledger")
	token := binary.AddAdmin(t, data, "ada")
	p := binary.Serve(t, data)
	api := p.API(t, token)
	begin := time.Now().UTC().Truncate(time.Second).Add(2 * time.Second)
	each := api.CreateJob(map[string]any{
		"name": "each-second", "group": "crash", "type": "Shell", "jobType": 1, "cron": "* * * * * *",
		"beginTime": begin.Format(time.RFC3339),
		"args":      map[string]any{"command": fmt.Sprintf("echo $CARILLON_SCHEDULED_AT $CARILLON_ATTEMPT >> %s", ledger)},
	})
	long := api.CreateJob(map[string]any{
		"name": "always-running", "group": "crash", "type": "Shell", "jobType": 1, "cron": "* * * * * *",
		"beginTime": begin.Format(time.RFC3339),
		"args":      map[string]any{"command": "echo started; exec sleep 20"},
	})
	for range *crashes {
		e2e.Eventually(t, 10*time.Second, "a new occurrence is carried out", grows(ledger))
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
		e2e.Eventually(t, 10*time.Second, "the long job runs", func() bool { return isRunning(p.API(t, token), long) })
		lost := len(lostRuns(p.API(t, token), long))
		p.Kill()
		p = binary.Serve(t, data)
		e2e.Eventually(t, 10*time.Second, "the dead run is closed as lost", func() bool {
			return len(lostRuns(p.API(t, token), long)) > lost
		})
	}
	e2e.Eventually(t, 10*time.Second, "the job goes on", grows(ledger))
	p.API(t, token).Do(http.MethodPut, e2e.JobsPath+"/"+long+"/stop", nil, nil)
	p.Stop(t)
	account(t, data, each, begin)
	onceEach(t, ledger)
}

// isRunning asks whether a run of the job is at work: status 10 on the wire.
func isRunning(api *e2e.API, id string) bool {
	var j struct{ Status int }
	api.Do(http.MethodGet, e2e.JobsPath+"/"+id, nil, &j)
	return j.Status == 10
}

func lostRuns(api *e2e.API, id string) []e2e.Log {
	var lost []e2e.Log
	for _, l := range api.Logs(id) {
		if strings.Contains(l.Exception, "is gone") {
			lost = append(lost, l)
		}
	}
	return lost
}

// grows returns a condition that holds once the file is longer than now.
func grows(file string) func() bool {
	size := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	before := size()
	return func() bool { return size() > before }
}

// account opens the data and checks that the rows of a job that is due each second
// cover every second from begin to the last row exactly once, and that none is open.
func account(t *testing.T, data, id string, begin time.Time) {
	t.Helper()
	store, err := db.Open(t.Context(), db.Options{Dir: data, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	covered := map[int64]int{}
	counts := map[job.RunState]int{}
	var last time.Time
	page := job.RunPage{Ascending: true, Limit: 1000}
	for {
		runs, err := store.Runs(t.Context(), job.RunFilter{JobID: job.ID(id)}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs.Items {
			counts[run.State]++
			if !run.State.Final() && run.State != job.RunQueued {
				t.Errorf("run of %v is left %s", run.ScheduledAt, run.State)
			}
			if run.Attempt > 1 {
				continue // a retry of an occurrence that was counted
			}
			for i := range run.Occurrences {
				at := run.ScheduledAt.Add(time.Duration(i) * time.Second)
				covered[at.Unix()]++
				if at.After(last) {
					last = at
				}
			}
		}
		if page.After = runs.Next; page.After == "" {
			break
		}
	}
	t.Logf("rows by state: %v; %d seconds from %v to %v", counts, len(covered), begin, last)
	for at := begin; !at.After(last); at = at.Add(time.Second) {
		if n := covered[at.Unix()]; n != 1 {
			t.Errorf("occurrence %v stands in %d rows, want 1", at, n)
		}
	}
}

// onceEach checks that no attempt at an occurrence was carried out twice.
func onceEach(t *testing.T, ledger string) {
	t.Helper()
	raw, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		if seen[line] {
			t.Errorf("carried out twice: %s", line)
		}
		seen[line] = true
	}
	if len(seen) < *crashes {
		t.Errorf("%d occurrences carried out over %d crashes", len(seen), *crashes)
	}
}
