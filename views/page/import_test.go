package page_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
)

// imported is the report of a crontab with a line of each status, and a text in all of them.
func imported(text string) page.ImportModel {
	m := page.ImportModel{Shell: shell("Import", layout.SectionJobs), Checked: true, New: 1, ServerZone: time.UTC}
	m.Values = url.Values{"text": {text}, "group": {text}}
	m.Sum = []i18n.Msg{i18n.M("import.count.job", "count", 1)}
	for i, status := range []string{"job", "same", "setting", "disabled", "refused"} {
		m.Rows = append(m.Rows, page.ImportRow{
			Line: i + 1, Text: text, Status: status, Name: text, Schedule: job.Schedule{Type: job.Cron, Cron: "0 3 * * *"},
			Notes: []page.ImportNote{{Text: i18n.M("import.note.variable")}, {Text: i18n.M("import.note.dollar"), Warn: true}},
		})
	}
	return m
}

func TestImport(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "zh-CN"} {
		doc := renderIn(t, lang, page.Import(imported(hostile)))
		checkPolicy(t, doc)
		checkIDs(t, doc)
		checkLabels(t, doc)
		checkWords(t, doc)
		if n := doc.Find("img").Length(); n != 0 {
			t.Errorf("%d images came to life", n)
		}
		if rows := doc.Find("tbody tr").Length(); rows != 5 {
			t.Errorf("%d rows", rows)
		}
		if body := doc.Text(); strings.Contains(body, "import.") {
			t.Errorf("%s: an id is shown: %s", lang, body)
		}
	}
	doc := render(t, page.Import(imported("x")))
	if got := text(doc.Find("tbody tr").First()); !strings.Contains(got, "Every day at 03:00") || !strings.Contains(got, "Job") {
		t.Errorf("%s", got)
	}
	if doc.Find("button[value=import]").Length() != 1 {
		t.Error("the second step is missing")
	}
	none := imported("x")
	none.New, none.Rows = 0, nil
	if doc := render(t, page.Import(none)); doc.Find("button[value=import]").Length() != 0 {
		t.Error("nothing can be imported, and yet it is offered")
	}
}
