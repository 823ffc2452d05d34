package e2e_test

import (
	"strings"
	"testing"
	"time"

	"carillon/internal/e2e"
)

// Texts that try to be more than text.
const (
	evilName  = `<img src=x onerror=alert(1)>`
	evilWords = `</script><script>alert(1)</script>"'&amp;`
	evilShell = `printf '<img src=x onerror=alert(2)>\n'
printf '\033[31m<b onclick=alert(3)>red</b>\033[0m plain\n'
printf '\033]8;;javascript:alert(4)\033\\click me\033]8;;\033\\\n'
printf '\033]8;;https://example.com/"><script>alert(5)</script>\033\\safe link\033]8;;\033\\\n'
printf 'bad \377\376 bytes\n'
printf 'evil \342\200\256txt.exe\n'
printf '\033]0;title\007\033[2J\033[Hhome\n'
echo '<svg onload=alert(6)>' >&2
# right to left: ` + "\u202e" + `
exit 3`
)

// TestBrowserHostileText shows text from strangers as text on every page it reaches.
func TestBrowserHostileText(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	id := api.CreateJob(map[string]any{
		"name": evilName, "group": `"><script>alert(9)</script>`, "type": "Shell", "jobType": 1, "cron": "0 0 1 1 *",
		"description": evilWords, "beginTime": time.Now().UTC().Format(time.RFC3339),
		"args": map[string]any{"script": evilShell},
	})
	status, answer := api.Try("POST", e2e.JobsPath, map[string]any{
		"name": "evil\u202etxt.exe", "group": "test", "type": "Console", "jobType": 1, "cron": "0 0 1 1 *", "args": map[string]any{"message": "x"},
	})
	if status != 400 || !strings.Contains(string(answer), "characters that cannot be stored") {
		t.Errorf("a name that reads as another one is answered with %d: %s", status, answer)
	}
	run := runNow(t, api, id)

	for path, want := range map[string]string{
		"/": evilName, "/jobs": evilName, "/jobs/" + id: evilName, "/jobs/" + id + "/edit": evilName, "/jobs/" + id + "/clone": evilName,
		"/runs": evilName, "/runs/" + run: "svg onload=alert(6)", "/audit": evilName, "/jobs/" + id + "/revisions/1": evilName,
		"/jobs?q=%3Cimg+src%3Dx+onerror%3Dalert(7)%3E": "No job matches",
	} {
		b.Go(path)
		b.UntilReady()
		b.UntilText("body", want)
		harmless(t, b)
	}
	b.Go("/jobs/" + id)
	b.UntilText(".lede", evilWords)
	b.UntilText("pre.block", "right to left: ⟨U+202E⟩")

	b.Go("/runs/" + run)
	b.UntilReady()
	picture(b, "hostile-run")
	output := b.Text("[data-term]")
	for _, want := range []string{
		`<img src=x onerror=alert(2)>`, `<b onclick=alert(3)>red</b> plain`, "click me", "safe link", "bad \ufffd", "home", "evil ⟨U+202E⟩txt.exe", "<svg onload=alert(6)>",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the output lacks %q:\n%q", want, output)
		}
	}
	if strings.ContainsAny(output, "\x1b\x07") {
		t.Errorf("control characters are shown: %q", output)
	}
	b.Go("/jobs")
	b.UntilReady()
	b.Click("tr.row details.menu summary")
	b.ClickText("tr.row .menu-item", "Stop")
	b.UntilText("#confirm-text", evilName)
	b.Click(`#confirm [data-answer="yes"]`)
	b.UntilText(".toast", evilName)
	harmless(t, b)
	b.Quiet()
}

// harmless checks that nothing of the texts became an element, and that no link leads to a script.
func harmless(t *testing.T, b *e2e.Browser) {
	t.Helper()
	bad := e2e.Eval[[]string](b, `[...document.querySelectorAll("img, script:not([src]), svg[onload], [onerror], [onclick], [onload], a[href^='javascript:' i], b")].map(e => e.outerHTML)`)
	if len(bad) > 0 {
		t.Errorf("%s has %q", b.Path(), bad)
	}
}
