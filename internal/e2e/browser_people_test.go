package e2e_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"carillon/internal/e2e"
)

// TestBrowserLiveShortRun sees the end of a run that ends soon after its start, which is
// when the second of two changes comes close behind the first.
func TestBrowserLiveShortRun(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	job := addJob(t, api, "short", "sleep 0.6")
	b.Go("/jobs/" + job)
	b.UntilReady()
	for i := range 5 {
		b.ClickText("main .head button", "Run now")
		b.Until("document.querySelectorAll('table.runs tbody tr').length === " + strconv.Itoa(i+1))
		b.Until("document.querySelectorAll('table.runs tbody .badge').length === [...document.querySelectorAll('table.runs tbody .badge')].filter(e => e.innerText.includes('Succeeded')).length")
	}
	b.Quiet()
}

// TestBrowserTwoPeopleEdit has two people edit the same job: the second is shown both
// versions and chooses.
func TestBrowserTwoPeopleEdit(t *testing.T) {
	t.Parallel()
	_, api, ada := console(t)
	job := addJob(t, api, "shared", "echo before")
	bob := ada.Person()
	signIn(bob)

	for _, b := range []*e2e.Browser{ada, bob} {
		b.Go("/jobs/" + job + "/edit")
		b.UntilReady()
	}
	ada.Fill(`[name="args.command"]`, "echo by ada")
	submit(ada)
	ada.UntilPath("/jobs/" + job)

	bob.Fill(`[name="args.command"]`, "echo by bob")
	bob.Fill(`[name="description"]`, "Bob's words")
	submit(bob)
	if bob.Status() != 409 || bob.Path() != "/jobs/"+job {
		t.Errorf("a stale form is answered with %d at %s", bob.Status(), bob.Path())
	}
	bob.UntilText(".notice", "ada saved this job meanwhile")
	bob.UntilText(".compare td:nth-child(2)", "echo by bob")
	bob.UntilText(".compare td:nth-child(3)", "echo by ada")
	if got := value(bob, "args.command"); got != "echo by bob" {
		t.Errorf("what was typed became %q", got)
	}
	picture(bob, "people-conflict")
	bob.Fill(`[name="args.command"]`, "echo by both")
	submit(bob)
	bob.UntilPath("/jobs/" + job)
	bob.UntilText("main", "echo by both")
	bob.UntilText(".lede", "Bob's words")
	ada.UntilText("main", "echo by both") // on her open page, by itself
	bob.Quiet("status of 409")
	ada.Quiet()
}

// TestBrowserRevokedSession does something after the session was ended from elsewhere:
// the whole page becomes the sign-in page, which leads back.
func TestBrowserRevokedSession(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	job := addJob(t, api, "night", "true")
	b.Go("/jobs?q=night")
	b.UntilReady()
	other := b.Person()
	signIn(other)
	other.Go("/settings")
	other.UntilReady()
	other.ClickText(`form[action="/settings/sessions"] button`, "End")
	other.UntilText(".toast", "Signed out there")

	b.Click(`tr[data-href="/jobs/` + job + `"] button[title="Pause"]`)
	b.UntilPath("/login")
	b.UntilReady()
	if e2e.Eval[int](b, `document.querySelectorAll("form[action='/login']").length`) != 1 || strings.Contains(b.Text("body"), "night") {
		t.Errorf("the sign-in page is not a page of its own:\n%s", b.Text("body"))
	}
	b.Fill(`input[name="name"]`, "ada")
	b.Fill(`input[name="password"]`, e2e.Password)
	b.Click(`form button[type="submit"]`)
	b.UntilPath("/jobs")
	if b.Path() != "/jobs?q=night" {
		t.Errorf("after signing in again: %s", b.Path())
	}
	b.UntilText("table.jobs", "night")
	b.Quiet("status of 401")
	other.Quiet()
}

// TestBrowserBackShowsWholePages goes back through pages that htmx has changed, and after
// signing out.
func TestBrowserBackShowsWholePages(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	job := addJob(t, api, "back", "echo x")
	b.Go("/jobs")
	b.UntilReady()
	b.Click(`tr[data-href="/jobs/` + job + `"] button[title="Pause"]`)
	b.UntilText(".col-next", "Paused until resumed")
	b.ClickText("table.jobs a", "back")
	b.UntilPath("/jobs/" + job)
	b.UntilReady()
	b.Click("main .head details.menu summary")
	b.ClickText("main .head .menu-item", "Stop")
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilText("h1", "Stopped")
	b.Click("main .head details.menu summary")
	b.ClickText("main .head .menu-item", "Delete")
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilPath("/jobs") // by htmx
	b.UntilText("main", "No jobs yet")
	whole(t, b)
	back(b)
	b.UntilPath("/jobs/" + job) // gone, and said so on a whole page
	b.UntilText("main", "Nothing here")
	whole(t, b)
	back(b)
	b.UntilPath("/jobs")
	b.UntilText("main", "No jobs yet")
	whole(t, b)

	b.Click("details.menu-user summary")
	b.ClickText(".menu-user .menu-item", "Sign out")
	b.UntilPath("/login")
	back(b)
	b.UntilPath("/login")
	b.UntilText("h1", "Sign in")
	if strings.Contains(b.Text("body"), "ada") {
		t.Errorf("after signing out, Back shows\n%s", b.Text("body"))
	}
	b.Quiet("status of 404", "Status Error Code 404") // its live part may ask once more before the page goes
}

// back presses the Back button.
func back(b *e2e.Browser) {
	b.Do(chromedp.Evaluate[chromedp.Void]("void history.back()"))
}

// whole checks that a page came with everything around its content, once.
func whole(t *testing.T, b *e2e.Browser) {
	t.Helper()
	b.UntilReady()
	for _, selector := range []string{"nav.rail", "header.topbar", "main", "#toasts", "#confirm", "#keys"} {
		if n := e2e.Eval[int](b, "document.querySelectorAll('"+selector+"').length"); n != 1 {
			t.Errorf("%d of %s at %s", n, selector, b.Path())
		}
	}
	if e2e.Eval[int](b, "document.styleSheets.length") == 0 {
		t.Errorf("no style at %s", b.Path())
	}
}
