package e2e_test

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"carillon/internal/e2e"
)

// printer prints ten lines, one each 300 ms, so that they can be seen coming.
const printer = "for i in 0 1 2 3 4 5 6 7 8 9; do echo line-$i; sleep 0.3; done"

// TestBrowserMainScenario is a newcomer's first hour, from the set-up link to the log of
// every run, with a restart in between.
func TestBrowserMainScenario(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := binary.Serve(t, data)
	b := e2e.NewBrowser(t, p, deskWidth, deskHeight)

	setUp(b, p)
	b.UntilText("h3", "Make a job")
	b.UntilText("h3", "Run it")
	b.UntilText("h3", "See its output")
	picture(b, "main-steps")
	b.ClickText(".step a.btn", "New job")
	b.UntilPath("/jobs/new")

	job := makeShellJob(b)
	b.Quiet("status of 422")
	watchRun(t, b, job)
	health := makeHealthJob(b, p)
	once := makeOneOff(b)
	editJob(b, job)
	verbsOnList(b, job)
	b.Quiet()

	p = restart(t, b, p, data)
	for _, id := range []string{job, health, once} {
		b.Go("/jobs/" + id)
		b.UntilReady()
		if b.Status() != 200 || b.Path() != "/jobs/"+id {
			t.Errorf("after the restart %s answers %d", b.Path(), b.Status())
		}
	}
	deleteJob(b, job)
	readLogs(t, b, "tick", "health", "party")
	b.Quiet()
	p.Stop(t)
}

// TestBrowserFirstSteps takes the three steps of a new installation, one button each.
func TestBrowserFirstSteps(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	addJob(t, api, "hello", "echo hello there")
	b.UntilText(".step-done h3", "Make a job") // by itself: the page is live
	b.ClickText(".step button", "Run now")
	b.UntilText(".step-done h3", "Run it")
	b.ClickText(".step a.btn", "See its output")
	b.UntilText("[data-term]", "hello there")
	b.Go("/")
	b.UntilText(".step a.btn", "See its output") // still, when the run has long ended
	b.Quiet()
}

// makeShellJob makes the job "tick" after many mistakes, and returns its id.
func makeShellJob(b *e2e.Browser) string {
	b.UntilReady()
	b.Fill(`[name="group"]`, "demo")
	b.ClickText(".tile", "Shell")
	b.Fill(`[name="args.command"]`, printer)
	b.Fill(`[name="schedule.cron"]`, "* * * * *")
	b.UntilText("#preview", "Every minute")
	b.Until(`document.querySelectorAll("#preview li time").length >= 10`) // five exact times, five relative ones
	b.Fill(`[name="description"]`, "Says ten lines")
	b.Fill(`[name="tags"]`, "a, b")

	b.Fill(`[name="schedule.cron"]`, "0 0 30 2 *")
	b.UntilText("#preview", "never comes")
	submit(b)
	untilFault(b, "name", "Give the job a name")
	untilFault(b, "schedule.cron", "never comes")
	refused(b, map[string]string{
		"group": "demo", "args.command": printer, "schedule.cron": "0 0 30 2 *", "description": "Says ten lines", "tags": "a, b",
	})
	picture(b, "main-refused")

	b.Fill(`[name="name"]`, "tick")
	b.Fill(`[name="schedule.cron"]`, "TZ=UTC * * * * *")
	b.UntilText("#preview", "TZ=")
	submit(b)
	untilFault(b, "schedule.cron", "TZ=")

	b.Fill(`[name="schedule.cron"]`, "* * * * *")
	b.Set(`[name="schedule.begin_at"]`, "2040-05-02T10:00")
	b.Set(`[name="schedule.end_at"]`, "2040-05-01T10:00")
	submit(b)
	untilFault(b, "schedule.end_at", "before the beginning")
	refused(b, map[string]string{"name": "tick", "args.command": printer, "schedule.cron": "* * * * *"})
	b.Set(`[name="schedule.begin_at"]`, "")
	b.Set(`[name="schedule.end_at"]`, "")
	submit(b)
	b.Until(`/^\/jobs\/[0-9a-f-]{36}$/.test(location.pathname)`)
	b.UntilText(".toast", "Created tick")
	picture(b, "main-job")
	job := path.Base(b.Path())

	b.Go("/jobs/new")
	b.UntilReady()
	b.Fill(`[name="name"]`, "tick")
	b.Fill(`[name="group"]`, "demo")
	b.ClickText(".tile", "Console")
	b.Fill(`[name="args.message"]`, "hello")
	b.Fill(`[name="schedule.cron"]`, "@daily")
	submit(b)
	untilFault(b, "name", "has a job of this name already")
	refused(b, map[string]string{"name": "tick", "group": "demo", "args.message": "hello", "schedule.cron": "@daily"})
	b.Click(".form-foot a.btn") // leaves the form with what was typed: the browser asks
	b.UntilPath("/jobs")
	b.Quiet("status of 422", "dialog beforeunload")
	return job
}

// submit sends the job form and waits for the page that answers.
func submit(b *e2e.Browser) {
	e2e.Eval[bool](b, "window.before = true")
	b.Click(`#job-form button[type="submit"].btn-primary`)
	b.Until(`!window.before && document.readyState === "complete" && !!window.htmx`)
}

// refused checks that a form came back with status 422 and everything that was typed.
func refused(b *e2e.Browser, fields map[string]string) {
	b.Until(fmt.Sprint(b.Status(), " === 422"))
	for field, want := range fields {
		b.Until(fmt.Sprintf("%q === %q", value(b, field), want))
	}
}

// watchRun runs a job from its page and sees its lines come one after the other.
func watchRun(t *testing.T, b *e2e.Browser, job string) {
	b.Go("/jobs/" + job)
	b.UntilReady()
	b.ClickText("main .head button", "Run now")
	b.UntilText(".toast", "tick runs now")
	b.Until(`document.querySelector('table.runs a[href^="/runs/"]')`)
	run := e2e.Eval[string](b, `document.querySelector('table.runs a[href^="/runs/"]').getAttribute("href")`)
	b.Go(run)
	e2e.Eval[bool](b, `(() => {
		window.seen = [];
		const look = () => {
			const lines = document.querySelector("[data-term]")?.innerText.match(/line-/g)?.length ?? 0;
			if (lines !== seen.at(-1) && document.querySelector("h1").innerText.includes("Running")) seen.push(lines);
		};
		look();
		new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
		return true })()`)
	b.UntilText("[data-term]", "line-9")
	b.UntilText("h1", "Succeeded")
	picture(b, "main-run")
	if seen := e2e.Eval[[]int](b, "seen ?? []"); len(seen) < 4 { // gone if the page was loaded anew
		t.Errorf("while the run ran, the page showed so many of its ten lines: %v; want them one after the other", seen)
	}
	if got := strings.Fields(b.Text("[data-term]")); len(got) != 10 || got[0] != "line-0" || got[9] != "line-9" {
		t.Errorf("output %q", got)
	}
}

// makeHealthJob makes a job that asks the console each ten seconds how it is.
func makeHealthJob(b *e2e.Browser, p *e2e.Process) string {
	b.Go("/jobs/new")
	b.UntilReady()
	b.Fill(`[name="name"]`, "health")
	b.Fill(`[name="group"]`, "demo")
	b.ClickText(".tile", "HTTP request")
	b.Fill(`[name="args.url"]`, "gopher://old")
	b.ClickText(".tile", "By interval")
	b.Fill(`[name="schedule.every"]`, "10s")
	b.UntilText("#preview", "Every 10 seconds")
	submit(b)
	untilFault(b, "args.url", "http://")
	b.Fill(`[name="args.url"]`, p.URL+"/healthz")
	submit(b)
	b.UntilText(".toast", "Created health")
	b.UntilText("table.runs", "Succeeded")
	b.Quiet("status of 422")
	return path.Base(b.Path())
}

// makeOneOff makes a job that runs once in three seconds, and sees it done.
func makeOneOff(b *e2e.Browser) string {
	b.Go("/jobs/new")
	b.UntilReady()
	b.Fill(`[name="name"]`, "party")
	b.Fill(`[name="group"]`, "demo")
	b.ClickText(".tile", "Console")
	b.Fill(`[name="args.message"]`, "surprise!")
	b.ClickText(".tile", "Once")
	b.Set(`[name="schedule.begin_at"]`, time.Now().UTC().Add(3*time.Second).Format("2006-01-02T15:04:05"))
	submit(b)
	b.UntilText(".toast", "Created party")
	b.UntilText("table.runs", "Succeeded")
	b.UntilText("h1", "Completed")
	return path.Base(b.Path())
}

// editJob changes the description; the page then shows it, and what was changed when.
func editJob(b *e2e.Browser, job string) {
	b.Go("/jobs/" + job)
	b.UntilReady()
	b.ClickText("main .head a", "Edit")
	b.UntilPath("/jobs/" + job + "/edit")
	b.UntilReady()
	b.Fill(`[name="description"]`, "Says ten lines, slowly")
	b.Fill(`[name="note"]`, "for the reader")
	submit(b)
	b.UntilPath("/jobs/" + job)
	b.UntilText(".lede", "Says ten lines, slowly")
	b.UntilText("main", "for the reader")
}

// verbsOnList pauses, resumes, stops and starts a job in its row, which changes in place.
func verbsOnList(b *e2e.Browser, job string) {
	b.Go("/jobs")
	b.UntilReady()
	e2e.Eval[bool](b, "window.stayed = true")
	row := "#" + e2e.Eval[string](b, `document.querySelector("tr[data-href='/jobs/`+job+`']").id`)
	b.Click(row + ` button[title="Pause"]`)
	b.UntilText(row, "Paused until resumed")
	b.UntilText(".toast", "Paused tick")
	b.Click(row + ` button[title="Resume"]`)
	b.UntilText(row+" .col-next", "in ")
	b.Click(row + " details.menu summary")
	b.ClickText(row+" .menu-item", "Stop")
	b.UntilText("#confirm", "Stop demo/tick?")
	picture(b, "main-confirm")
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilText(row+" .col-next", "Stopped")
	b.Click(row + ` button[title="Start"]`)
	b.UntilText(row+" .col-next", "in ")
	b.Until("window.stayed") // all that without loading the page again
}

// restart stops the server, starts it at the same address and finds the session valid.
func restart(t *testing.T, b *e2e.Browser, p *e2e.Process, data string) *e2e.Process {
	t.Helper()
	b.Go("/settings") // a page without live parts, which would complain while the server is away
	p.Stop(t)
	p = binary.Serve(t, data, "--listen", strings.TrimPrefix(p.URL, "http://"))
	b.Go("/jobs")
	b.UntilPath("/jobs")
	b.UntilText("table.jobs", "tick")
	b.UntilText("table.jobs", "health")
	b.UntilText("table.jobs", "party")
	return p
}

// deleteJob is refused an active job, and deletes it when it is stopped.
func deleteJob(b *e2e.Browser, job string) {
	b.Go("/jobs")
	b.UntilReady()
	b.Click(`tr[data-href="/jobs/` + job + `"] [data-select]`)
	b.ClickText(".bulk-verbs button", "Delete")
	b.UntilText("#confirm", "Delete the selected jobs for good?")
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilText(".notice li", "demo/tick: Only a stopped or completed job can be deleted. Stop it first.")

	b.Go("/jobs/" + job)
	b.UntilReady()
	b.Click("main .head details.menu summary")
	b.Until(`!document.querySelector("main .head .menu-list").innerText.includes("Delete")`) // not offered yet
	b.ClickText("main .head .menu-item", "Stop")
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilText("h1", "Stopped")
	b.Click("main .head details.menu summary")
	b.ClickText("main .head .menu-item", "Delete")
	b.UntilText("#confirm", "Delete demo/tick for good?")
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilPath("/jobs")
	b.UntilText(".toast", "Deleted tick")
	b.Until(`!document.querySelector("table.jobs").innerText.includes("tick")`)
}

// readLogs reads the output of every run in the list, those of deleted jobs too.
func readLogs(t *testing.T, b *e2e.Browser, names ...string) {
	t.Helper()
	b.Go("/runs")
	b.UntilReady()
	list := e2e.Eval[[][3]string](b, `[...document.querySelectorAll("tr[data-href]")].map(r => [r.dataset.href, r.querySelector(".name-link").innerText, r.querySelector(".badge").innerText.trim()])`)
	read := map[string]int{}
	for _, run := range list {
		if run[2] != "Succeeded" || read[run[1]] == 2 {
			continue
		}
		b.Go(run[0])
		b.UntilText("[data-term]", map[string]string{"tick": "line-9", "health": "200", "party": "surprise!"}[run[1]])
		read[run[1]]++
	}
	for _, name := range names {
		if read[name] == 0 {
			t.Errorf("the list has no run of %s whose log could be read: %v", name, list)
		}
	}
}
