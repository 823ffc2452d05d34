package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"carillon/db/dbtest"
	"carillon/internal/job"
)

// ago is a run made, and if it began begun, so long ago.
func ago(d time.Duration) func(*job.Run) {
	return func(r *job.Run) {
		at := time.Now().Add(-d)
		r.CreatedAt, r.AvailableAt = at, at
		if !r.StartedAt.IsZero() {
			r.StartedAt = at
		}
		if !r.FinishedAt.IsZero() {
			r.FinishedAt = at.Add(2 * time.Second)
		}
	}
}

// quietWorld has two jobs and two runs, so that Home shows its lists.
func quietWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	j := w.named("calm")
	for i := range 2 {
		dbtest.AddRun(t, w.store, j, job.RunSucceeded, ago(time.Duration(i+1)*time.Minute))
	}
	w.named("calmer")
	return w
}

// named is an active job, due in an hour.
func (w *world) named(name string, change ...func(*job.Job)) job.Job {
	w.t.Helper()
	return dbtest.AddJob(w.t, w.store, append([]func(*job.Job){func(j *job.Job) {
		j.Name, j.NextRunAt = name, time.Now().Add(2*time.Hour)
	}}, change...)...)
}

// rowsOf are the texts of a list of Home.
func rowsOf(doc *goquery.Document, title string) string {
	return strings.Join(strings.Fields(doc.Find(`section[aria-labelledby="`+title+`"] .items`).Text()), " ")
}

func TestHomeTellsTroubles(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	w.get(vic, "/").want(http.StatusOK).contains("All well")

	slow := w.named("slow")
	for i := range 6 {
		dbtest.AddRun(t, w.store, slow, job.RunSucceeded, ago(time.Duration(i+20)*time.Minute))
	}
	dbtest.AddRun(t, w.store, slow, job.RunRunning, ago(10*time.Minute))
	fresh := w.named("no-history")
	dbtest.AddRun(t, w.store, fresh, job.RunRunning, ago(10*time.Minute))
	w.named("overdue", func(j *job.Job) { j.NextRunAt = time.Now().Add(-5 * time.Minute) })
	w.named("just-due", func(j *job.Job) { j.NextRunAt = time.Now().Add(-5 * time.Second) })
	stuck := w.named("stuck")
	dbtest.AddRun(t, w.store, stuck, job.RunQueued, ago(3*time.Minute))
	behind := w.named("behind-itself")
	dbtest.AddRun(t, w.store, behind, job.RunQueued, ago(3*time.Minute))
	dbtest.AddRun(t, w.store, behind, job.RunRunning, ago(3*time.Minute))
	gap := w.named("gap")
	dbtest.AddRun(t, w.store, gap, job.RunMissed, ago(time.Hour))
	caughtUp := w.named("caught-up", func(j *job.Job) { j.LastRunAt, j.LastOutcome = time.Now().Add(-time.Minute), job.RunSucceeded })
	dbtest.AddRun(t, w.store, caughtUp, job.RunMissed, ago(time.Hour))

	rows := rowsOf(w.get(vic, "/").want(http.StatusOK).doc(), "attention")
	for _, want := range []string{
		"slow testsRunning for 10m, usually 2s", "overdue testsDue 5m ago and not started",
		"stuck testsWaiting to start for 3m", "gap testsMissed",
	} {
		if !strings.Contains(rows, want) {
			t.Errorf("no %q in %q", want, rows)
		}
	}
	for _, calm := range []string{"no-history", "just-due", "behind-itself", "caught-up", "calm"} {
		if strings.Contains(rows, calm) {
			t.Errorf("%q needs nobody: %q", calm, rows)
		}
	}
}

func TestHomeTellsWhatIsQuiet(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	skips := func(name string, n int, change ...func(*job.Job)) job.Job {
		j := w.named(name, change...)
		for i := range n {
			dbtest.AddRun(t, w.store, j, job.RunSkipped, ago(time.Duration(i+1)*time.Second))
		}
		return j
	}
	old := skips("silent", 3)
	dbtest.AddRun(t, w.store, old, job.RunSucceeded, ago(26*time.Hour))
	skips("two-only", 2)
	skips("paused", 3, func(j *job.Job) { j.State = job.Paused })
	skips("weekly", 3, func(j *job.Job) { j.Schedule.Cron = "0 3 * * 1" })
	busy := skips("busy", 3)
	for i := range 6 {
		dbtest.AddRun(t, w.store, busy, job.RunSucceeded, ago(time.Duration(i+1)*time.Minute))
	}
	dbtest.AddRun(t, w.store, busy, job.RunRunning, ago(5*time.Second))

	doc := w.get(vic, "/").want(http.StatusOK).doc()
	if rows := rowsOf(doc, "quiet"); !strings.HasPrefix(rows, "Quiet too longsilent testsNo success for 1d 2h") || strings.Count(rows, "No success") != 1 {
		t.Errorf("quiet: %q", rows)
	}
	if rows := rowsOf(doc, "attention"); rows != "" {
		t.Errorf("attention: %q", rows)
	}
}

func TestHomeStrip(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	j := w.named("third")
	dbtest.AddRun(t, w.store, j, job.RunFailed, ago(3*time.Hour))
	dbtest.AddRun(t, w.store, j, job.RunFailed, ago(25*time.Hour)) // too old
	doc := w.get(vic, "/").want(http.StatusOK).doc()
	legend := strings.Join(strings.Fields(doc.Find(".strip .legend").Text()), " ")
	if !strings.HasPrefix(legend, "1 ") || !strings.HasSuffix(legend, "2 Succeeded") {
		t.Errorf("legend %q", legend)
	}
	slots := doc.Find(".strip-bars > a")
	if n := slots.Length(); n != 96 {
		t.Fatalf("%d slots", n)
	}
	bad := slots.FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Find(".bar-failed").Length() > 0 })
	if bad.Length() != 1 {
		t.Fatalf("%d slots with failures", bad.Length())
	}
	// The slot leads to its runs, and to no others.
	href, _ := bad.Attr("href")
	list := w.get(vic, href).want(http.StatusOK).doc()
	if n := list.Find("[data-row]").Length(); n != 1 {
		t.Errorf("%s lists %d runs, want 1", href, n)
	}
	href, _ = doc.Find(".strip .legend a").First().Attr("href")
	if n := w.get(vic, href).want(http.StatusOK).doc().Find("[data-row]").Length(); n != 1 {
		t.Errorf("%s lists %d runs, want 1", href, n)
	}
}

// A bar of a list leads to its run by the time it was made.
func TestRunAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j, other := w.named("a"), w.named("b")
	dbtest.AddRun(t, w.store, other, job.RunSucceeded, ago(time.Minute))
	run := dbtest.AddRun(t, w.store, j, job.RunFailed, ago(time.Minute))
	bars := w.get(vic, "/jobs").want(http.StatusOK).doc().Find(`#job-` + j.ID.String() + ` .bars-link`)
	made, _, _ := strings.Cut(bars.AttrOr("data-bars", ""), ".")
	ms, err := strconv.ParseInt(made, 36, 64)
	if err != nil || ms != run.CreatedAt.UnixMilli() {
		t.Fatalf("the newest bar was made at %d, want %d (%v)", ms, run.CreatedAt.UnixMilli(), err)
	}
	at := bars.AttrOr("data-at", "") + strconv.FormatInt(ms, 10)
	w.get(vic, at).want(http.StatusSeeOther).has("Location", "/runs/"+run.ID.String())
	w.get(vic, at+"0").want(http.StatusNotFound)
	w.get(vic, bars.AttrOr("data-at", "")+"x").want(http.StatusNotFound)
}
