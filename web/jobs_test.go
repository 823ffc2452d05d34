package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/control"
	"carillon/internal/job"
)

// noID is an id that nothing has.
const noID = "0198c0de-0000-7000-8000-000000000001"

// created makes a job through the form and returns its path.
func created(w *world, form url.Values) string {
	w.t.Helper()
	return w.post(ed, "/jobs", form).want(http.StatusSeeOther).Header.Get("Location")
}

func idOf(path string) job.ID {
	return job.ID(strings.Split(strings.TrimPrefix(path, "/jobs/"), "/")[0])
}

func TestJobIsMadeAndEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(ed, "/jobs/new").want(http.StatusOK)
	form := jobForm()
	form.Set("schedule.begin_at", "2030-07-01T12:00")
	form.Set("args.message", "one\r\ntwo")
	path := created(w, form)
	j := w.job(idOf(path))
	if want := time.Date(2030, 7, 1, 10, 0, 0, 0, time.UTC); !j.Schedule.BeginAt.Equal(want) || j.CreatedBy.Name != ed || j.State != job.Active {
		t.Errorf("stored begin %v, by %v, %s", j.Schedule.BeginAt, j.CreatedBy, j.State)
	}
	// The message comes once, on the next page.
	w.get(ed, path).want(http.StatusOK).contains("Created nightly.")
	w.get(ed, path).want(http.StatusOK).lacks("Created nightly.")

	edit := w.get(ed, path+"/edit").want(http.StatusOK).doc()
	if got, _ := edit.Find(`[name="schedule.begin_at"]`).Attr("value"); !strings.HasPrefix(got, "2030-07-01T12:00") {
		t.Errorf("begin is shown as %q", got)
	}
	form.Set("revision", "1")
	form.Set("schedule.cron", "30 4 * * *")
	w.post(ed, path, form).want(http.StatusSeeOther).has("Location", path)
	if j = w.job(j.ID); j.Schedule.Cron != "30 4 * * *" || j.Revision != 2 {
		t.Errorf("after the edit: %q, revision %d", j.Schedule.Cron, j.Revision)
	}
	w.get(vic, path+"/revisions/1").want(http.StatusOK).contains("0 3 * * *")
	w.get(vic, path+"/revisions/9").want(http.StatusNotFound)
	w.get(vic, path+"/revisions/x").want(http.StatusNotFound)

	clone := w.get(ed, path+"/clone").want(http.StatusOK).doc()
	if got, _ := clone.Find(`[name="name"]`).Attr("value"); got != "nightly (copy)" {
		t.Errorf("the copy's name is %q", got)
	}

	form = jobForm()
	form.Set("name", "sleeping")
	form.Set("disabled", "1")
	if j := w.job(idOf(created(w, form))); j.State != job.Stopped {
		t.Errorf("created stopped: %s", j.State)
	}
}

func TestJobFormFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addJob()
	cases := map[string]struct{ field, value string }{
		"empty name":          {"name", ""},
		"long name":           {"name", strings.Repeat("n", 101)},
		"control character":   {"name", "a\x01b"},
		"null byte":           {"description", "a\x00b"},
		"not utf-8":           {"owner", "\xff"},
		"taken":               {"name", "nightly"},
		"unknown kind":        {"kind", "Teleport"},
		"unknown zone":        {"schedule.zone", "Mars/Olympus"},
		"never fires":         {"schedule.cron", "0 0 30 2 *"},
		"zone in the cron":    {"schedule.cron", "TZ=UTC * * * * *"},
		"half a zone":         {"schedule.cron", "TZ=UTC"},
		"every":               {"schedule.cron", "@every 0s"},
		"nonsense":            {"schedule.cron", "soon"},
		"long cron":           {"schedule.cron", strings.Repeat("1,", 100) + "1 * * * *"},
		"unknown type":        {"schedule.type", "sometimes"},
		"not a time":          {"schedule.begin_at", "tomorrow"},
		"not a number":        {"max_count", "many"},
		"negative":            {"max_count", "-1"},
		"too large":           {"max_tries", "99999999999999999999"},
		"not a span":          {"timeout", "a while"},
		"unknown overlap":     {"overlap", "maybe"},
		"unknown priority":    {"priority", "7"},
		"factor is no number": {"retry.factor", "NaN"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := jobForm()
			form.Set("name", "other")
			form.Set(c.field, c.value)
			form.Set("description", form.Get("description")+"typed <b>before</b>")
			if c.field == "description" {
				form.Set("description", c.value)
			}
			a := w.post(ed, "/jobs", form).want(http.StatusUnprocessableEntity)
			doc := a.doc()
			input := doc.Find(`[name="` + c.field + `"]`)
			if input.Length() == 0 {
				t.Fatalf("the form has no field %s", c.field)
			}
			if doc.Find("[aria-invalid=true]").Length() == 0 && doc.Find(".fault, .field-fault").Length() == 0 {
				t.Errorf("no fault is shown")
			}
			if c.field != "description" {
				if got := strings.TrimSpace(doc.Find(`[name="description"]`).First().Text()); got != "typed <b>before</b>" {
					t.Errorf("the description typed came back as %q", got)
				}
			}
		})
	}
	page, err := w.jobs.Jobs(t.Context(), access.CLI("test"), job.Filter{}, job.JobPage{Limit: 10})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("%d jobs, %v", len(page.Items), err)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := jobForm()
	form.Set("name", "")
	form.Set("timeout", "a while")
	form.Set("schedule.end_at", "2020-01-01T00:00")
	form.Set("schedule.begin_at", "2021-01-01T00:00")
	doc := w.post(ed, "/jobs", form).want(http.StatusUnprocessableEntity).doc()
	for _, field := range []string{"name", "timeout", "schedule.end_at"} {
		if got, _ := doc.Find(`[name="` + field + `"]`).Attr("aria-invalid"); got != "true" {
			t.Errorf("no fault at %s", field)
		}
	}
}

func TestStaleEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := created(w, jobForm())
	form := jobForm()
	form.Set("revision", "1")
	form.Set("description", "ed's")
	w.post(ed, path, form).want(http.StatusSeeOther)
	form.Set("description", "ada's")
	a := w.post(ada, path, form).want(http.StatusConflict).contains("ed&#39;s", "ada&#39;s")
	if got, _ := a.doc().Find(`[name=revision]`).Attr("value"); got != "2" {
		t.Fatalf("the form carries revision %q", got)
	}
	if j := w.job(idOf(path)); j.Description != "ed's" {
		t.Errorf("saved %q", j.Description)
	}
	form.Set("revision", "2")
	w.post(ada, path, form).want(http.StatusSeeOther)
	if j := w.job(idOf(path)); j.Description != "ada's" || j.Revision != 3 {
		t.Errorf("saved %q, revision %d", j.Description, j.Revision)
	}
}

func TestReloadShowsTheFormAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := jobForm()
	form.Set("reload", "1")
	form.Set("kind", "Shell")
	doc := w.post(ed, "/jobs", form).want(http.StatusOK).doc()
	if doc.Find(`[name="args.command"]`).Length() == 0 {
		t.Error("the fields of the kind just chosen are missing")
	}
	fields := w.get(ed, "/jobs/fields?kind=shell&args.command=echo+%3Cb%3E").want(http.StatusOK).lacks("<html").contains("echo &lt;b&gt;")
	if fields.doc().Find(`[name="args.command"]`).Length() != 1 {
		t.Error("no field for the command")
	}
	w.get(ed, "/jobs/fields?kind=Nope").want(http.StatusOK)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := map[string]struct {
		query string
		want  string
	}{
		"cron":    {"schedule.type=cron&schedule.cron=0+3+*+*+*&schedule.zone=Europe/Warsaw", "03:00"},
		"every":   {"schedule.type=interval&schedule.every=90s", "1m 30s"},
		"nothing": {"schedule.type=cron&schedule.cron=", ""},
	}
	for name, c := range cases {
		w.get(vic, "/jobs/preview?"+c.query).want(http.StatusOK).contains(c.want).lacks("<html")
		_ = name
	}
	for _, cron := range []string{"0 0 30 2 *", "TZ=UTC", "TZ=", "@every 0s", "* * * * * * * *", "\x00", "%", "L W #"} {
		w.get(vic, "/jobs/preview?schedule.type=cron&schedule.cron="+url.QueryEscape(cron)).want(http.StatusOK)
	}
}

// verbCases are the verbs with the state they leave an active job in.
func TestVerbs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/jobs/" + w.addJob().ID.String()
	state := func() job.State { return w.job(idOf(path)).State }
	steps := []struct {
		verb string
		want job.State
	}{{"pause", job.Paused}, {"resume", job.Active}, {"stop", job.Stopped}, {"start", job.Active}, {"trigger", job.Active}}
	for _, step := range steps {
		a := w.post(olga, path+"/"+step.verb, nil).want(http.StatusSeeOther)
		if step.verb != "trigger" {
			a.has("Location", path)
		} else if !strings.HasPrefix(a.Header.Get("Location"), "/runs/") {
			t.Errorf("trigger leads to %q", a.Header.Get("Location"))
		}
		if got := state(); got != step.want {
			t.Errorf("after %s: %s", step.verb, got)
		}
	}
	for _, verb := range []string{"pause", "resume", "stop", "start", "trigger", "delete"} {
		w.post(vic, path+"/"+verb, nil).want(http.StatusForbidden)
		w.post(ed, "/jobs/"+noID+"/"+verb, nil).want(http.StatusNotFound)
	}
	w.post(ed, path+"/delete", nil).want(http.StatusConflict)
	w.post(olga, path+"/start", nil).want(http.StatusConflict)
	w.post(olga, path+"/stop", nil).want(http.StatusSeeOther)
	w.post(olga, path+"/trigger", nil).want(http.StatusConflict)
	w.post(ed, path+"/delete", nil).want(http.StatusSeeOther).has("Location", "/jobs")
	w.get(vic, path).want(http.StatusNotFound)
}

func TestPauseUntil(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/jobs/" + w.addJob().ID.String()
	w.post(olga, path+"/pause", url.Values{"until": {"soon"}}).want(http.StatusUnprocessableEntity)
	w.post(olga, path+"/pause", url.Values{"until": {"2001-01-01T00:00"}}).want(http.StatusUnprocessableEntity)
	w.post(olga, path+"/pause", url.Values{"until": {"2100-01-01T00:00"}, "reason": {"holiday"}}).want(http.StatusSeeOther)
	if j := w.job(idOf(path)); j.PauseReason != "holiday" || j.PausedUntil.Year() != 2100 {
		t.Errorf("paused until %v: %s", j.PausedUntil, j.PauseReason)
	}
}

func TestVerbsWithHTMX(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.addJob()
	path, row := "/jobs/"+j.ID.String(), "job-"+j.ID.String()
	targets := map[string]string{row: "tr#" + row, "job-live": "#job-live"}
	for target, selector := range targets {
		a := w.post(olga, path+"/pause", nil).htmx(target).want(http.StatusOK).lacks("<html")
		if !strings.Contains(a.Header.Get("Hx-Trigger"), `"toast"`) {
			t.Errorf("no toast: %q", a.Header.Get("Hx-Trigger"))
		}
		if target == row { // a bare row is no document
			a.contains(`id="` + row + `"`)
		} else if a.doc().Find(selector).Length() != 1 {
			t.Errorf("no %s in %s", selector, clip(a.body))
		}
		w.post(olga, path+"/resume", nil).htmx(target).want(http.StatusOK)
	}
	refused := w.post(olga, path+"/resume", nil).htmx(row).want(http.StatusConflict).has("HX-Reswap", "none")
	if refused.body != "" || !strings.Contains(refused.Header.Get("Hx-Trigger"), `"failed"`) {
		t.Errorf("refused with %q and body %q", refused.Header.Get("Hx-Trigger"), refused.body)
	}
	w.post(vic, path+"/pause", nil).htmx(row).want(http.StatusForbidden).has("HX-Reswap", "none")
	w.post(olga, path+"/trigger", nil).htmx(row).want(http.StatusOK).contains(row)
	w.post(olga, path+"/stop", nil).htmx(row).want(http.StatusOK)
	if a := w.post(ed, path+"/delete", nil).htmx(row).want(http.StatusOK); a.body != "" {
		t.Errorf("a deleted row leaves %q", a.body)
	}
	j = w.addJob()
	path = "/jobs/" + j.ID.String()
	w.post(olga, path+"/stop", nil).want(http.StatusSeeOther)
	a := w.post(ed, path+"/delete", nil).htmx("job-live").want(http.StatusNoContent)
	if !strings.Contains(a.Header.Get("Hx-Location"), `"/jobs"`) {
		t.Errorf("HX-Location is %q", a.Header.Get("Hx-Location"))
	}
}

func TestTriggerWithParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/jobs/" + w.addJob().ID.String()
	w.post(olga, path+"/trigger", url.Values{"args.message": {"other"}}).want(http.StatusForbidden)
	location := w.post(ed, path+"/trigger", url.Values{"args.message": {"other"}}).want(http.StatusSeeOther).Header.Get("Location")
	run, err := w.store.Run(t.Context(), job.RunID(strings.TrimPrefix(location, "/runs/")))
	if err != nil || run.Args["message"] != "other" || run.Trigger != job.TriggerManual || run.Actor.Name != ed {
		t.Errorf("run %+v, %v", run, err)
	}
	// Whoever may run may repeat what an editor has run.
	w.post(olga, location+"/retry", nil).want(http.StatusConflict)
	w.post(ed, path+"/trigger", url.Values{"args": {`{"message":"json"}`}}).want(http.StatusSeeOther)
	w.post(ed, path+"/trigger", url.Values{"args": {`{"message"`}}).want(http.StatusUnprocessableEntity)
	w.post(ed, path+"/trigger", url.Values{"args.unknown": {"x"}}).want(http.StatusUnprocessableEntity)
}

func TestBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for i := range 3 {
		j := w.addJob(func(in *control.NewJob) { in.Definition.Name = "bulk-" + strconv.Itoa(i) })
		ids = append(ids, j.ID.String())
	}
	w.post(olga, "/jobs/"+ids[0]+"/pause", nil).want(http.StatusSeeOther)
	form := url.Values{"verb": {"pause"}, "id": append(ids, noID), "back": {"/jobs?group=ops"}}
	a := w.post(olga, "/jobs/bulk", form).htmx("jobs-live").want(http.StatusOK).lacks("<html").contains("ops/bulk-0", noID, `hx-swap-oob="innerHTML"`)
	if a.doc().Find("#jobs-live").Length() != 1 {
		t.Error("not the list")
	}
	for _, id := range ids {
		if got := w.job(job.ID(id)).State; got != job.Paused {
			t.Errorf("job %s is %s", id, got)
		}
	}
	w.post(olga, "/jobs/bulk", url.Values{"verb": {"resume"}, "id": ids}).want(http.StatusOK).contains("<html")
	w.post(olga, "/jobs/bulk", url.Values{"verb": {"explode"}, "id": ids}).want(http.StatusUnprocessableEntity)
	w.post(olga, "/jobs/bulk", url.Values{"verb": {"delete"}, "id": ids}).want(http.StatusForbidden)
	w.post(vic, "/jobs/bulk", url.Values{"verb": {"pause"}, "id": ids}).want(http.StatusForbidden)
	w.post(olga, "/jobs/bulk", url.Values{"verb": {"pause"}}).want(http.StatusOK)
}

func TestJobList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(ed, "/jobs").want(http.StatusOK).contains(`href="/jobs/new"`)
	w.get(vic, "/jobs").want(http.StatusOK).lacks(`href="/jobs/new"`)
	hostile := `<img src=x onerror=alert(1)>`
	for i := range 60 {
		dbtest.AddJob(t, w.store, func(j *job.Job) { j.Name, j.Group, j.Owner = "job-"+strconv.Itoa(100+i), "many", hostile })
	}
	first := w.get(vic, "/jobs?group=many&sort=name").want(http.StatusOK).contains("job-100").lacks("job-155", hostile)
	next := ""
	first.doc().Find("a").Each(func(_ int, s *goquery.Selection) {
		if href, _ := s.Attr("href"); strings.Contains(href, "after=") {
			next = href
		}
	})
	if next == "" {
		t.Fatal("no next page")
	}
	w.get(vic, next).want(http.StatusOK).contains("job-155").lacks("job-100")
	part := w.get(vic, "/jobs?q=job-10").htmx("jobs-live").want(http.StatusOK).lacks("<html").contains("job-105")
	part.lacks("job-130")
	w.get(vic, "/jobs?q=job-10").htmx("jobs-live").header("HX-History-Restore-Request", "true").want(http.StatusOK).contains("<html")
	w.get(vic, "/jobs?after=nonsense").want(http.StatusUnprocessableEntity)
	for _, query := range []string{"state=running", "state=abandoned", "state=paused", "state=x", "outcome=failed", "kind=x", "tag=a", "sort=next_run&desc=1", "sort=x", "q=%25_%5C", "q=%00"} {
		w.get(vic, "/jobs?"+query).want(http.StatusOK)
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(ed, "/").want(http.StatusOK).contains(`href="/jobs/new"`)
	j := dbtest.AddJob(t, w.store, func(j *job.Job) {
		j.Name, j.LastOutcome, j.LastRunAt, j.NextRunAt = "broken", job.RunFailed, time.Now(), time.Now().Add(time.Minute)
	})
	failed := dbtest.AddRun(t, w.store, j, job.RunFailed, func(r *job.Run) { r.Error = "no such host" })
	j.LastRunID = failed.ID
	if err := w.store.UpdateJobStatus(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	running := dbtest.AddRun(t, w.store, j, job.RunRunning)
	w.get(vic, "/").want(http.StatusOK).contains("broken", running.ID.String(), "no such host")
	w.get(vic, "/").htmx("home-live").want(http.StatusOK).lacks("<html").contains("broken")
	w.get(vic, "/jobs/"+j.ID.String()).want(http.StatusOK).contains("no such host")
	w.get(vic, "/jobs").want(http.StatusOK).contains("alice") // who started the last run
	for _, target := range []string{"home-live", "job-live"} {
		a := w.post(olga, "/runs/"+running.ID.String()+"/cancel", nil).htmx(target).want(http.StatusOK).lacks("<html")
		if a.doc().Find("#"+target).Length() != 1 {
			t.Errorf("no %s in the answer", target)
		}
	}
	w.post(olga, "/jobs/"+j.ID.String()+"/trigger", nil).htmx("home-live").want(http.StatusOK).contains("home-live")
}

func TestSystemJobsNeedTheRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := dbtest.AddJob(t, w.store, func(j *job.Job) { j.Source = job.SourceSystem })
	w.post(ed, "/jobs/"+j.ID.String()+"/pause", nil).want(http.StatusForbidden)
	w.post(ada, "/jobs/"+j.ID.String()+"/pause", nil).want(http.StatusSeeOther)
}
