package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/ident"
)

// addEntries puts entries with these notes into the audit, one a minute from T0 on.
func (w *world) addEntries(notes ...string) {
	w.t.Helper()
	for i, note := range notes {
		err := w.store.InsertAudit(w.t.Context(), audit.Entry{
			ID: ident.New(), At: dbtest.T0().Add(time.Duration(i) * time.Minute), ActorName: "mallory", Via: "session",
			Action: audit.JobUpdate, Subject: "job", SubjectID: "j", SubjectName: "ops/nightly", Before: []byte(`{"a":1}`), Note: note,
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestAuditFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addEntries("note-zero", "note-one", "note-two")
	query := url.Values{"actor": {"mallory"}, "action": {"job.update"}, "from": {"2026-03-01T12:01"}, "to": {"2026-03-01T12:01"}}
	a := w.get(ed, "/audit?"+query.Encode()).want(http.StatusOK).contains("note-one").lacks("note-zero", "note-two")
	for _, name := range []string{"from", "to"} {
		if got, _ := a.doc().Find(`input[name=` + name + `]`).Attr("value"); got != "2026-03-01T12:01" {
			t.Errorf("%s shows %q", name, got)
		}
	}
	link, _ := a.doc().Find(`a[download][href*="format=csv"]`).Attr("href")
	w.get(ed, link).want(http.StatusOK).contains("note-one").lacks("note-zero", "note-two")
	w.get(ed, "/audit?q=TWO").want(http.StatusOK).contains("note-two").lacks("note-zero")
	w.get(ed, "/audit?actor=nobody").want(http.StatusOK).contains("Nothing recorded")
}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const rows = 1201 // more than two batches
	notes := make([]string, rows)
	for i := range notes {
		notes[i] = "plain"
	}
	bad := []string{`=HYPERLINK("http://evil")`, "+1", "-1", "@sum", "\t=1", " =1", "\r=1", "\u00a0=1", "＝1", "|calc", "\n", "%x"}
	copy(notes, bad)
	w.addEntries(notes...)

	a := w.get(ed, "/audit/export?format=csv&action=job.update").want(http.StatusOK).has("Content-Type", "text/csv; charset=utf-8")
	if d := a.Header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="audit-`) || !strings.HasSuffix(d, `.csv"`) {
		t.Errorf("Content-Disposition %q", d)
	}
	lines, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(lines) != rows+1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, line := range lines[1:] {
		for i, cell := range line {
			if strings.ContainsAny(strings.TrimLeft(cell, " \t\r\n\u00a0")+"x", "=+-@|%＝") && strings.IndexAny(strings.TrimLeft(cell, " \t\r\n\u00a0"), "=+-@|%＝") == 0 {
				t.Errorf("column %s: %q could be a formula", lines[0][i], cell)
			}
		}
	}
	var list []struct {
		Number int64
		Note   string
		Before map[string]any
		Hash   string
	}
	w.get(ed, "/audit/export?format=json&action=job.update").want(http.StatusOK).json(&list)
	if len(list) != rows || list[rows-1].Note != bad[0] || list[0].Before["a"] != 1.0 || list[0].Hash == "" || list[0].Number <= list[1].Number {
		t.Errorf("%d entries, last %+v, first %+v", len(list), list[len(list)-1], list[0])
	}
	list = nil
	w.get(ed, "/audit/export?format=json&actor=nobody").want(http.StatusOK).json(&list)
	if list == nil || len(list) != 0 {
		t.Errorf("an empty export is %v", list)
	}

	page, err := w.jobs.Audit(t.Context(), access.CLI("test"), audit.Filter{Action: audit.AuditExport}, "", 10)
	if err != nil || len(page.Items) != 3 || page.Items[0].ActorName != ed || !strings.Contains(string(page.Items[0].After), `"actor":"nobody"`) {
		t.Errorf("exports in the audit: %+v, %v", page.Items, err)
	}
	w.get(ed, "/audit/export?format=xml").want(http.StatusUnprocessableEntity)
	w.get(olga, "/audit/export?format=csv").want(http.StatusForbidden)
}
