package e2e_test

import (
	"fmt"
	"testing"

	"carillon/internal/e2e"
)

// TestBrowserBulk pauses three selected jobs, one of which cannot be paused.
func TestBrowserBulk(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	rows := make([]string, 4)
	for i := range rows {
		id := addJob(t, api, fmt.Sprint("bulk-", i), "true")
		rows[i] = `tr[data-href="/jobs/` + id + `"]`
		if i == 2 {
			api.Do("PUT", e2e.JobsPath+"/"+id+"/stop", nil, nil)
		}
	}
	b.Go("/jobs")
	b.UntilReady()
	b.Until(`!document.querySelector(".bulk").classList.contains("on")`)
	for _, row := range rows[:3] {
		b.Click(row + " [data-select]")
	}
	b.UntilText(".bulk-count", "3 selected")
	b.UntilText(".paused-note", "Updates paused")
	picture(b, "bulk-selected")

	addJob(t, api, "bulk-late", "true") // changes the list, but not while rows are selected
	other := b.Person()
	signIn(other)
	other.Go("/jobs")
	other.UntilText("table.jobs", "bulk-late")
	if n := e2e.Eval[int](b, "document.querySelectorAll('.picked').length"); n != 3 {
		t.Errorf("%d rows are selected", n)
	}
	if e2e.Eval[bool](b, `document.querySelector("table.jobs").innerText.includes("bulk-late")`) {
		t.Error("the list was redrawn while rows were selected")
	}

	b.ClickText(".bulk-verbs button", "Pause")
	b.UntilText(".notice", "2 jobs paused")
	b.UntilText(".notice", "Not possible for one job")
	b.UntilText(".notice li", "bulk-2: Only an active job can be paused")
	picture(b, "bulk-done")
	for i, want := range []string{"Paused until resumed", "Paused until resumed", "Stopped", "in "} {
		b.UntilText(rows[i]+" .col-next", want)
	}
	b.UntilText("table.jobs", "bulk-late")
	b.Until(`!document.querySelector(".bulk").classList.contains("on") && !document.querySelector("[data-select]:checked")`)
	b.Quiet()
	other.Quiet()
}
