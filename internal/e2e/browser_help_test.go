package e2e_test

import (
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"carillon/internal/e2e"
)

// Sizes of the window.
const (
	deskWidth, deskHeight   = 1280, 860
	phoneWidth, phoneHeight = 360, 780
)

// console starts a server of its own with the administrator ada, and a browser in which
// she is signed in.
func console(t *testing.T, args ...string) (*e2e.Process, *e2e.API, *e2e.Browser) {
	t.Helper()
	data := t.TempDir()
	token := binary.AddAdmin(t, data, "ada")
	p := binary.Serve(t, data, args...)
	b := e2e.NewBrowser(t, p, deskWidth, deskHeight)
	signIn(b)
	b.UntilReady()
	return p, p.API(t, token), b
}

// addJob makes a shell job that is due in a long time.
func addJob(t *testing.T, api *e2e.API, name, command string) string {
	t.Helper()
	return api.CreateJob(map[string]any{
		"name": name, "group": "test", "type": "Shell", "jobType": 1, "cron": "0 0 1 1 *",
		"beginTime": time.Now().UTC().Format(time.RFC3339), "args": map[string]any{"command": command},
	})
}

// runNow runs a job by hand and waits until it has ended; it returns the run's id.
func runNow(t *testing.T, api *e2e.API, id string) string {
	t.Helper()
	before := len(api.Logs(id))
	api.Do("PUT", e2e.JobsPath+"/"+id+"/trigger", nil, nil)
	var logs []e2e.Log
	e2e.Eventually(t, 20*time.Second, "the run ends", func() bool {
		logs = api.Logs(id)
		return len(logs) > before
	})
	return logs[0].ID
}

// fault is an expression for the message beside a field.
func fault(field string) string {
	return `document.querySelector('[name="` + field + `"]')?.closest(".field")?.querySelector(".fault")?.innerText`
}

// untilFault waits for a message beside a field that a screen reader is told of too.
func untilFault(b *e2e.Browser, field, text string) {
	b.Until(fault(field) + "?.includes(" + strconv.Quote(text) + ")")
	b.Until(`(f => f.getAttribute("aria-invalid") === "true" && f.getAttribute("aria-describedby")?.split(" ").some(id => document.getElementById(id)?.matches(".fault")))(document.querySelector('[name="` + field + `"]'))`)
}

// value is what a field holds.
func value(b *e2e.Browser, field string) string {
	return e2e.Eval[string](b, `new FormData(document.querySelector('[name="`+field+`"]').form).get("`+field+`") ?? ""`)
}

// picture saves what is on the screen for somebody to look at, if a folder for it is named.
func picture(b *e2e.Browser, name string) {
	if folder := os.Getenv("CARILLON_PICTURES"); folder != "" {
		b.Shot(folder + "/" + url.PathEscape(name) + ".png")
	}
}
