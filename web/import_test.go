package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/job"
)

const pasted = "CRON_TZ=Europe/Berlin\r\n# Nightly backup\r\n30 2 * * * /srv/backup.sh\r\n\r\n@reboot /srv/start\r\n*/5 * * * * check <b>\r\n"

func TestImportPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(ed, "/jobs").want(http.StatusOK).contains(`href="/jobs/import"`)
	w.get(vic, "/jobs").want(http.StatusOK).lacks(`href="/jobs/import"`)
	w.get(ed, "/jobs/import").want(http.StatusOK).contains(`name="text"`, `value="crontab"`)

	form := url.Values{"text": {pasted}, "group": {"old box"}, "do": {"check"}}
	a := w.post(ed, "/jobs/import", form).want(http.StatusOK)
	a.contains("Nightly backup", "Europe/Berlin", "2 jobs", "one setting", "Import 2 jobs", "check &lt;b&gt;").lacks("check <b>")
	doc := a.doc()
	if rows := doc.Find("[data-testid=import-report] tbody tr").Length(); rows != 4 {
		t.Errorf("%d rows", rows)
	}
	if hidden, _ := doc.Find("input[type=hidden][name=text]").Attr("value"); hidden != strings.ReplaceAll(pasted, "\r", "") {
		t.Errorf("the second step would import %q", hidden)
	}
	if jobs := importedJobs(t, w); len(jobs) != 0 {
		t.Fatalf("the check saved %d jobs", len(jobs))
	}

	form.Set("do", "import")
	w.post(ed, "/jobs/import", form).want(http.StatusSeeOther).has("Location", "/jobs?group=old+box")
	jobs := importedJobs(t, w)
	if len(jobs) != 2 || jobs[0].Name != "Nightly backup" || jobs[1].Name != "check <b>" && jobs[1].Name != "check" {
		t.Fatalf("%+v", jobs)
	}
	for _, j := range jobs {
		if j.State != job.Stopped || j.Source != job.SourceImport || j.Schedule.Zone != "Europe/Berlin" || j.CreatedBy.Name != ed {
			t.Errorf("%+v", j)
		}
	}
	entries, err := w.jobs.Audit(t.Context(), access.CLI("test"), audit.Filter{Action: audit.JobCreate}, "", 10)
	if err != nil || len(entries.Items) != 2 {
		t.Errorf("%d entries, %v", len(entries.Items), err)
	}
	w.get(ed, "/jobs?group=old+box").want(http.StatusOK).contains("Imported 2 jobs")

	form.Set("do", "check")
	w.post(ed, "/jobs/import", form).want(http.StatusOK).contains("2 there already", "Nothing to import").lacks(`value="import"`)
	form.Set("do", "import")
	w.post(ed, "/jobs/import", form).want(http.StatusOK)
	if again := importedJobs(t, w); len(again) != 2 {
		t.Errorf("%d jobs after the second import", len(again))
	}
}

func importedJobs(t *testing.T, w *world) []job.Job {
	t.Helper()
	page, err := w.jobs.Jobs(t.Context(), access.CLI("test"), job.Filter{Group: "old box"}, job.JobPage{Sort: job.SortGroupName, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestImportPageRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, form := range map[string]url.Values{
		"nothing":  {},
		"no text":  {"group": {"g"}, "text": {" \r\n "}},
		"no group": {"group": {" "}, "text": {"0 1 * * * kept-text"}},
		"too many": {"group": {"g"}, "text": {strings.Repeat("0 1 * * * a\n", 2000)}},
		"binary":   {"group": {"g"}, "text": {"0 1 * * * a\x00"}},
	} {
		form.Set("do", "import")
		a := w.post(ed, "/jobs/import", form).want(http.StatusUnprocessableEntity)
		if text := form.Get("text"); strings.Contains(text, "kept-text") {
			a.contains("kept-text")
		}
		if a.doc().Find(".fault, .notice").Length() == 0 {
			t.Errorf("%s: no fault is shown", name)
		}
	}
	long := url.Values{"group": {strings.Repeat("g", 101)}, "text": {"0 1 * * * a"}, "do": {"check"}}
	w.post(ed, "/jobs/import", long).want(http.StatusOK).contains("one not taken")
	w.post(olga, "/jobs/import", long).want(http.StatusForbidden)
	w.get(olga, "/jobs/import").want(http.StatusForbidden)
	w.post(ed, "/jobs/import", url.Values{"group": {"g"}, "text": {"17 * * * * root run-parts /etc/x"}, "system": {"true"}}).
		want(http.StatusOK).contains("run-parts x", "sudo -u root")
}
