package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"carillon/internal/e2e"
)

// TestBrowserPagesInEveryLook opens every main page wide and narrow, light and dark, in
// both languages: nothing sticks out of the window, no text lacks a translation, and axe
// finds nothing serious.
func TestBrowserPagesInEveryLook(t *testing.T) {
	t.Parallel()
	p, api, b := console(t, "--dev")
	bad := addJob(t, api, "a-name-of-a-job-that-is-really-quite-long-and-has-no-spaces-anywhere-in-it", "echo 'a line of output that is so long that it does not fit into the window of a telephone'; exit 3")
	failed := runNow(t, api, bad)
	job := addJob(t, api, "good", "echo fine")
	run := runNow(t, api, job)
	pages := map[string]string{
		"home": "/", "jobs": "/jobs", "none": "/jobs?q=nothing", "job": "/jobs/" + job, "failing": "/jobs/" + bad,
		"form": "/jobs/new", "edit": "/jobs/" + bad + "/edit", "runs": "/runs", "run": "/runs/" + run, "failed": "/runs/" + failed,
		"audit": "/audit", "system": "/system", "settings": "/settings", "users": "/users", "gallery": "/gallery", "missing": "/jobs/x",
	}
	phone := b.Person()
	phone.Size(phoneWidth, phoneHeight)
	phone.Accept("zh-CN,zh;q=0.9,en;q=0.5")
	phone.Go("/login")
	phone.UntilText("h1", "登录")
	signIn(phone)
	axe := axeScript(t)
	for name, path := range pages {
		for _, theme := range []string{"light", "dark"} {
			for look, who := range map[string]*e2e.Browser{"desk": b, "phone": phone} {
				if look == "phone" && theme == "dark" && name != "jobs" {
					continue // the colours are those of the desk
				}
				who.Theme(theme)
				who.Go(path)
				who.UntilReady()
				picture(who, fmt.Sprintf("look-%s-%s-%s", name, look, theme))
				fits(t, who)
				if look == "desk" || name == "jobs" || name == "job" || name == "runs" { // rows are cards there
					soundByAxe(t, who, axe, name+" "+look+" "+theme)
				}
			}
		}
		if lang := e2e.Eval[string](phone, "document.documentElement.lang"); !strings.HasPrefix(lang, "zh") {
			t.Errorf("%s is in %s", path, lang)
		}
		untranslated(t, phone)
	}
	b.Quiet("status of 404")
	phone.Quiet("status of 404")
	p.Stop(t)
}

// fits checks that a page does not scroll sideways.
func fits(t *testing.T, b *e2e.Browser) {
	t.Helper()
	wide := e2e.Eval[[]int](b, "[document.documentElement.scrollWidth, innerWidth]")
	if wide[0] > wide[1] {
		out := e2e.Eval[[]string](b, `[...document.querySelectorAll("main *, .topbar *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 150))`)
		t.Errorf("%s is %d px wide in a window of %d: %q", b.Path(), wide[0], wide[1], out)
	}
}

// untranslated looks for message ids and English sentences on a Chinese page.
func untranslated(t *testing.T, b *e2e.Browser) {
	t.Helper()
	ids := e2e.Eval[[]string](b, `document.body.innerText.match(/\b(ui|error|web|kind|duty|reason|schedule)\.[a-z_]+[a-z_.]*\b|\{\{|<no value>/g) ?? []`)
	if len(ids) > 0 {
		t.Errorf("%s shows %q", b.Path(), ids)
	}
}

// axeScript is the source of axe; "" if it is not installed, which is an error in CI.
func axeScript(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("axe is not installed: %v", err)
		}
		t.Log("axe is not installed: npm ci")
	}
	return string(raw)
}

// soundByAxe fails for every serious fault that axe finds.
func soundByAxe(t *testing.T, b *e2e.Browser, axe, where string) {
	t.Helper()
	if axe == "" {
		return
	}
	e2e.Eval[bool](b, axe+"; true")
	e2e.Eval[bool](b, `(() => { window.found = null; axe.run(document, {resultTypes: ["violations"]}).then(r => window.found = r); return true })()`)
	b.Until("found")
	for _, v := range e2e.Eval[[]string](b, `found.violations.filter(v => ["serious", "critical"].includes(v.impact)).flatMap(v => v.nodes.slice(0, 4).map(n => v.id + ": " + n.html.slice(0, 200) + " " + n.any.map(c => c.message).join("; ").slice(0, 200)))`) {
		t.Errorf("%s: %s", where, v)
	}
}
