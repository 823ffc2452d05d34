package page_test

import (
	"strings"
	"testing"

	"carillon/internal/job"
	"carillon/views/page"
)

func TestDurationChart(t *testing.T) {
	t.Parallel()
	m := jobShow()
	doc := renderIn(t, "en", page.JobShow(m))
	chart := doc.Find("figure[aria-labelledby=chart-title]")
	if n := chart.Find("svg > a").Length(); n != 60 {
		t.Errorf("%d runs are drawn, want 60", n)
	}
	if n := chart.Find(".chart-bad").Length(); n != 5 {
		t.Errorf("%d failures are marked, want 5", n)
	}
	if n := chart.Find(".chart-edit").Length(); n != 1 {
		t.Errorf("%d edits are marked, want 1", n)
	}
	if href, _ := chart.Find(".legend a").Attr("href"); !strings.HasSuffix(href, "/revisions/3") {
		t.Errorf("the edit leads to %q", href)
	}
	if text := chart.Find(".sr-only").Text(); text != "60 runs; the longest took 1m 19s. 5 went wrong. The definition changed once in between." {
		t.Errorf("in words: %q", text)
	}
	// The oldest run stands first.
	if href, _ := chart.Find("svg > a").First().Attr("href"); !strings.HasSuffix(href, "000000000059") {
		t.Errorf("the first bar leads to %q", href)
	}
	// What never began has no duration, and one bar is no chart.
	m.History = []job.Run{m.History[0], {State: job.RunSkipped}, {State: job.RunQueued}}
	if n := renderIn(t, "en", page.JobShow(m)).Find(".chart").Length(); n != 0 {
		t.Error("a chart of one run")
	}
}
