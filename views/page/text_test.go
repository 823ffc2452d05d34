package page_test

import (
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/component"
	"carillon/views/page"
)

// Every message id that stands in the views' sources is in the catalogs.
func TestEveryIDExists(t *testing.T) {
	t.Parallel()
	p := i18n.From(printer(t, i18n.Default))
	literal := regexp.MustCompile(`"((?:ui|cron|time|unit)\.[a-z0-9_.]*[a-z0-9_])"`)
	found := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		source := strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go")
		if err != nil || d.IsDir() || !source || strings.HasSuffix(name, "_templ.go") {
			return err
		}
		text, err := os.ReadFile("../" + name)
		if err != nil {
			return err
		}
		for _, match := range literal.FindAllStringSubmatch(string(text), -1) {
			found++
			if !p.Has(match[1]) {
				t.Errorf("%s uses %q, which no catalog has", name, match[1])
			}
		}
		return nil
	})
	if err != nil || found < 300 {
		t.Errorf("%d ids found, error %v", found, err)
	}
}

// Ids that are put together at run time exist for every value they are made from.
func TestEveryFamilyIsComplete(t *testing.T) {
	t.Parallel()
	p := i18n.From(printer(t, i18n.Default))
	var ids []string
	for _, s := range component.RunStates() {
		ids = append(ids, "ui.run."+string(s), "ui.cause."+string(s))
	}
	for _, s := range []job.State{job.Active, job.Paused, job.Stopped, job.Completed} {
		ids = append(ids, "ui.job."+string(s))
	}
	for _, tr := range []job.Trigger{job.TriggerSchedule, job.TriggerManual, job.TriggerAPI, job.TriggerRetry, job.TriggerCatchUp, job.TriggerChain} {
		ids = append(ids, "ui.trigger."+string(tr))
	}
	for _, o := range []job.Overlap{job.OverlapSkip, job.OverlapQueue, job.OverlapParallel, job.OverlapReplace} {
		ids = append(ids, "ui.overlap."+string(o))
	}
	for _, m := range []job.Misfire{job.MisfireSkip, job.MisfireRunOnce, job.MisfireRunAll} {
		ids = append(ids, "ui.misfire."+string(m))
	}
	for _, n := range job.Priorities() {
		ids = append(ids, "ui.priority."+strconv.Itoa(int(n)))
	}
	for _, r := range []access.Role{access.Viewer, access.Operator, access.Editor, access.Admin} {
		ids = append(ids, "ui.role."+string(r), "ui.role."+string(r)+".help")
	}
	for _, a := range []audit.Action{
		audit.JobCreate, audit.JobUpdate, audit.JobPause, audit.JobResume, audit.JobStart, audit.JobStop, audit.JobTrigger, audit.JobDelete,
		audit.RunCancel, audit.RunRetry, audit.RunDelete, audit.UserCreate, audit.UserUpdate, audit.SignIn, audit.SignInFail, audit.SignOut,
		audit.TokenCreate, audit.TokenRevoke,
	} {
		ids = append(ids, "ui.action."+string(a))
	}
	for _, v := range []access.Via{access.ViaSession, access.ViaToken, access.ViaCLI, access.ViaSystem} {
		ids = append(ids, "ui.via."+string(v))
	}
	for _, v := range []string{"trigger", "pause", "resume", "start", "stop", "delete"} {
		ids = append(ids, "ui.verb."+v, "ui.bulk."+v)
	}
	for _, m := range []page.FormMode{page.FormNew, page.FormEdit, page.FormClone} {
		ids = append(ids, "ui.form."+string(m))
	}
	for _, id := range ids {
		if !p.Has(id) {
			t.Errorf("no catalog has %q", id)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want job.Seconds
		ok   bool
		back string
	}{
		{"", 0, true, ""}, {"0", 0, true, ""}, {"90", 90, true, "1m30s"}, {" 5M ", 300, true, "5m"}, {"1h30m", 5400, true, "1h30m"},
		{"1d 2h", 93600, true, "1d2h"}, {"45s", 45, true, "45s"}, {"90m", 5400, true, "1h30m"}, {"1500ms", 0, false, ""}, {"-5", -5, false, ""},
		{"5 minutes", 0, false, ""}, {"30m1h", 0, false, ""}, {"1.5h", 0, false, ""}, {"h", 0, false, ""}, {"99999999999999999999", 0, false, ""},
		{"2000000000d", 0, false, ""}, {"five", 0, false, ""},
	} {
		got, ok := page.ParseSpan(tc.text)
		if ok != tc.ok || (ok && got != tc.want) {
			t.Errorf("ParseSpan(%q) = %d, %v, want %d, %v", tc.text, got, ok, tc.want, tc.ok)
		}
		if ok && page.SpanText(got) != tc.back {
			t.Errorf("SpanText(%d) = %q, want %q", got, page.SpanText(got), tc.back)
		}
	}
}
