package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/job"
)

func TestPauseSheet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := dbtest.AddJob(t, w.store)
	path := "/jobs/" + j.ID.String() + "/pause"

	// A page of its own for a plain browser, a dialog for htmx.
	page := w.get(olga, path).want(http.StatusOK).contains("<html", `name="until"`, `name="reason"`).doc()
	if _, posts := page.Find("form[action='" + path + "']").Attr("hx-post"); posts {
		t.Error("the page's form is sent by htmx, which would look for a row that is not there")
	}
	row := "job-" + j.ID.String()
	sheet := w.get(olga, path+"?target="+row).htmx("sheet-body").want(http.StatusOK).lacks("<html").doc()
	if target, _ := sheet.Find("form").Attr("hx-target"); target != "#"+row {
		t.Errorf("the answer is meant for %q", target)
	}
	w.get(olga, path+"?target=x%22onclick").htmx("sheet-body").want(http.StatusOK).contains(`hx-target="#job-live"`)
	w.get(vic, path).want(http.StatusForbidden)
	w.get(olga, "/jobs/"+noID+"/pause").want(http.StatusNotFound)

	// What is wrong is told in the form, with what was typed.
	past := url.Values{"sheet": {"1"}, "target": {row}, "until": {"2001-01-01T08:00"}, "reason": {"moving day"}}
	fault := w.post(olga, path, past).htmx(row).want(http.StatusUnprocessableEntity).contains("moving day", `value="2001-01-01T08:00"`)
	fault.has("Hx-Retarget", "#sheet-body").lacks("<html")
	if fault.doc().Find(".fault").Length() != 1 {
		t.Errorf("no fault beside the field:\n%s", clip(fault.body))
	}
	w.post(olga, path, past).want(http.StatusUnprocessableEntity).contains("<html", "moving day")
	past.Set("until", "soon")
	w.post(olga, path, past).want(http.StatusUnprocessableEntity).contains("moving day")
	if now := w.job(j.ID); now.State != job.Active {
		t.Fatalf("the job is %s", now.State)
	}

	good := url.Values{"sheet": {"1"}, "target": {row}, "until": {"2099-01-01T08:00"}, "reason": {"moving day"}}
	w.post(olga, path, good).htmx(row).want(http.StatusOK).contains(`id="`+row+`"`, "moving day")
	if now := w.job(j.ID); now.State != job.Paused || !now.PausedUntil.Equal(time.Date(2099, 1, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("paused: %s until %v", now.State, now.PausedUntil)
	}
	// A paused job's sheet shows until when and why.
	w.get(olga, path).want(http.StatusOK).contains("2099-01-01T08:00", "moving day")
}

func TestTriggerSheet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := jobForm()
	form.Set("kind", "Shell")
	form.Set("args.command", "echo hi")
	form.Set("args.environment", "API_TOKEN=canary\nMODE=full")
	path := created(w, form) + "/trigger"
	id := idOf(created(w, func() url.Values { f := jobForm(); f.Set("name", "other"); return f }()))

	sheet := w.get(ed, path).want(http.StatusOK).lacks("canary").contains("MODE=full").doc()
	shown := sheet.Find(`[name="args.environment"]`).Text()
	w.get(olga, path).want(http.StatusForbidden)

	run := func(change func(url.Values)) job.Run {
		t.Helper()
		v := url.Values{"sheet": {"1"}, "kind": {"Shell"}, "args.command": {"echo hi"}, "args.environment": {shown}}
		change(v)
		a := w.post(ed, path, v).want(http.StatusSeeOther)
		r, err := w.store.Run(t.Context(), job.RunID(a.Header.Get("Location")[len("/runs/"):]))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := run(func(url.Values) {}); r.Args != nil {
		t.Errorf("unchanged parameters are kept with the run: %v", r.Args)
	}
	r := run(func(v url.Values) {
		v.Set("args.environment", v.Get("args.environment")+"\r\nEXTRA=1")
		v.Set("args.command", "echo ho")
	})
	env, _ := r.Args["environment"].(map[string]any)
	if r.Args["command"] != "echo ho" || env["API_TOKEN"] != "canary" || env["MODE"] != "full" || env["EXTRA"] != "1" {
		t.Errorf("parameters %v", r.Args)
	}
	// A hidden value that was touched is not guessed.
	broken := url.Values{"sheet": {"1"}, "args.command": {"echo hi"}, "args.environment": {"API_TOKEN=••••••x"}}
	w.post(ed, path, broken).want(http.StatusUnprocessableEntity).contains("Part of this is hidden")
	// Nor is a parameter that the kind refuses.
	w.post(ed, "/jobs/"+id.String()+"/trigger", url.Values{"sheet": {"1"}, "args.message": {""}}).
		want(http.StatusUnprocessableEntity).contains("<html", `name="args.message"`)
}
