package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/audit"
	"carillon/internal/job"
)

func TestRevisionTellsWhatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := jobForm()
	form.Set("kind", "Shell")
	form.Set("args.script", "set -e\necho one\necho two")
	form.Set("args.environment", "PATH=/bin\nAPI_TOKEN=canary-1")
	path := created(w, form)
	form.Set("revision", "1")
	form.Set("schedule.cron", "30 4 * * *")
	form.Set("args.script", "set -e\necho ONE\necho two")
	form.Set("args.environment", "PATH=/bin\nAPI_TOKEN=canary-2")
	w.post(ed, path, form).want(http.StatusSeeOther)

	a := w.get(vic, path+"/revisions/2").want(http.StatusOK)
	a.lacks("canary", "Restore this revision")
	doc := a.doc()
	if got := doc.Find(".changes del").Text(); !strings.Contains(got, "0 3 * * *") || !strings.Contains(got, "− echo one") {
		t.Errorf("before: %q", got)
	}
	if got := doc.Find(".changes ins").Text(); !strings.Contains(got, "30 4 * * *") || !strings.Contains(got, "+ echo ONE") || strings.Contains(got, "two") {
		t.Errorf("after: %q", got)
	}
	if n := doc.Find(".changes > div").Length(); n != 3 {
		t.Errorf("%d changes, want the script, the environment and the cron text: %q", n, doc.Find(".changes dt").Text())
	}
	a.contains("Changed, but the value is hidden")
	w.get(vic, path+"/revisions/1").want(http.StatusOK).contains("This is the first revision.")
	// The same two the other way round.
	back := w.get(vic, path+"/revisions/1?against=2").want(http.StatusOK).doc()
	if got := back.Find(".changes ins").Text(); !strings.Contains(got, "0 3 * * *") {
		t.Errorf("the other way round: %q", got)
	}
	w.get(vic, path+"/revisions/1?against=99").want(http.StatusOK)
	w.get(vic, path+"/revisions/2?against=x").want(http.StatusOK)
}

func TestRestoreRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := created(w, jobForm())
	form := jobForm()
	form.Set("revision", "1")
	form.Set("schedule.cron", "30 4 * * *")
	w.post(ed, path, form).want(http.StatusSeeOther)
	first := path + "/revisions/1/restore"
	seen := func(n int) url.Values { return url.Values{"current": {strconv.Itoa(n)}} }

	w.get(ed, path+"/revisions/1").want(http.StatusOK).contains("Restore this revision")
	w.get(ed, path+"/revisions/2").want(http.StatusOK).lacks("Restore this revision")
	w.post(olga, first, seen(2)).want(http.StatusForbidden)
	w.post(ed, first, seen(7)).want(http.StatusConflict)
	w.post(ed, path+"/revisions/2/restore", seen(2)).want(http.StatusConflict)
	w.post(ed, path+"/revisions/9/restore", seen(2)).want(http.StatusNotFound)
	w.post(ed, path+"/revisions/x/restore", seen(2)).want(http.StatusNotFound)
	w.post(ed, first, url.Values{}).want(http.StatusBadRequest)
	w.post(ed, "/jobs/"+noID+"/revisions/1/restore", seen(2)).want(http.StatusNotFound)

	w.post(ed, first, seen(2)).want(http.StatusSeeOther).has("Location", path)
	j := w.job(idOf(path))
	if j.Revision != 3 || j.Schedule.Cron != "0 3 * * *" || j.UpdatedBy.Name != ed {
		t.Errorf("restored: revision %d, cron %q, by %q", j.Revision, j.Schedule.Cron, j.UpdatedBy.Name)
	}
	w.get(vic, path+"/revisions/3").want(http.StatusOK).contains("Restored revision 1")
	w.get(vic, path+"/revisions/3?against=1").want(http.StatusOK).contains("These two revisions say the same.")
	entries, err := w.store.Audit(t.Context(), audit.Filter{Action: audit.JobUpdate, SubjectID: j.ID.String()}, "", 10)
	if err != nil || len(entries.Items) != 2 || entries.Items[0].Note != "Restored revision 1" {
		t.Errorf("audit: %+v, %v", entries.Items, err)
	}
}

// A definition whose time has passed cannot be put back in force, and nothing changes.
func TestRestoreOfWhatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.addJob()
	broken := j.Definition
	broken.Kind = "Gone"
	if err := w.store.InsertRevision(t.Context(), job.Revision{JobID: j.ID, Revision: 7, Definition: broken, At: j.CreatedAt}); err != nil {
		t.Fatal(err)
	}
	w.post(ed, "/jobs/"+j.ID.String()+"/revisions/7/restore", url.Values{"current": {"1"}}).want(http.StatusUnprocessableEntity)
	if now := w.job(j.ID); now.Revision != 1 {
		t.Errorf("revision %d", now.Revision)
	}
}

func TestFailedRunTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := created(w, jobForm())
	j := w.job(idOf(path))
	at := func(minute int) func(*job.Run) {
		return func(r *job.Run) {
			r.CreatedAt = dbtest.T0().Add(time.Duration(minute) * time.Minute)
			r.JobRevision, r.NodeID = 1, "node-1"
		}
	}
	lonely := dbtest.AddRun(t, w.store, j, job.RunFailed, at(0))
	good := dbtest.AddRun(t, w.store, j, job.RunSucceeded, at(1))
	alike := dbtest.AddRun(t, w.store, j, job.RunFailed, at(2))
	form := jobForm()
	form.Set("revision", "1")
	form.Set("args.message", "bye")
	w.post(ed, path, form).want(http.StatusSeeOther)
	bad := dbtest.AddRun(t, w.store, j, job.RunTimedOut, at(3), func(r *job.Run) {
		r.JobRevision, r.NodeID, r.FinishedAt = 2, "node-2", r.StartedAt.Add(time.Hour)
	})

	doc := w.get(vic, "/runs/"+bad.ID.String()).want(http.StatusOK).contains("What differs from the last good run").doc()
	facts := strings.Join(strings.Fields(doc.Find("#run-live .changes").Text()), " ")
	for _, want := range []string{"Revision 1 → Revision 2", "node-1 → node-2", "2s → 1h", "hello → bye"} {
		if !strings.Contains(facts, want) {
			t.Errorf("no %q in %q", want, facts)
		}
	}
	if href, _ := doc.Find(`#run-live .changes a`).Attr("href"); href != path+"/revisions/2?against=1" {
		t.Errorf("the change is at %q", href)
	}
	if doc.Find(`#run-live a[href="/runs/`+good.ID.String()+`"]`).Length() != 1 {
		t.Error("no link to the good run")
	}
	w.get(vic, "/runs/"+alike.ID.String()).want(http.StatusOK).contains("The same as then: Definition, Parameters, Node, Cause, Took, Output.")
	w.get(vic, "/runs/"+lonely.ID.String()).want(http.StatusOK).contains("No earlier run of this job has succeeded")
	w.get(vic, "/runs/"+good.ID.String()).want(http.StatusOK).lacks("last good run")
}
