package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"carillon/internal/e2e"
)

// at is an expression for the job's name in the row where the keyboard's cursor stands.
const at = `document.querySelector("[data-row].at .name-link")?.innerText`

// TestBrowserKeyboard works a list, a job and the dialogs with the keyboard alone.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	_, api, b := console(t)
	first := addJob(t, api, "k-1", "true")
	second := addJob(t, api, "k-2", "true")
	b.Go("/jobs")
	b.UntilReady()

	b.Press("j")
	b.Until(at + ` === "k-1"`)
	b.Press("j")
	b.Until(at + ` === "k-2"`)
	b.Press("j") // there is no third
	b.Until(at + ` === "k-2"`)
	picture(b, "keys-cursor")
	b.Press("x")
	b.UntilText(".bulk-count", "1 selected")
	b.Press("x")
	b.Until(`!document.querySelector("[data-select]:checked")`)
	b.Press("k")
	b.Until(at + ` === "k-1"`)
	b.Press("p")
	b.UntilText(`tr[data-href="/jobs/`+first+`"] .col-next`, "Paused until resumed")
	b.Until(at + ` === "k-1"`) // the cursor stays although the row is drawn anew
	b.Press("p")
	b.UntilText(`tr[data-href="/jobs/`+first+`"] .col-next`, "in ")
	b.Press("r")
	b.UntilText(`tr[data-href="/jobs/`+first+`"] .col-last`, "Succeeded")
	b.Press("j")
	b.Press(kb.Enter)
	b.UntilPath("/jobs/" + second)
	b.UntilReady()
	b.Press("r")
	b.UntilText("table.runs", "Succeeded")
	b.Press("e")
	b.UntilPath("/jobs/" + second + "/edit")
	b.UntilReady()
	b.Press("g")
	b.Press("j")
	b.UntilPath("/jobs")
	b.UntilReady()
	search(b)
	dialogs(b, first)
	b.Quiet()
}

// search finds a job by typing; letters that are commands elsewhere are letters there.
func search(b *e2e.Browser) {
	b.Press("/")
	b.Until(`document.activeElement.id === "search"`)
	visibleFocus(b)
	b.Press("k-1")
	b.Until(`document.getElementById("search").value === "k-1"`)
	b.Press(kb.Enter)
	b.Until(`location.search.includes("q=k-1") && document.readyState === "complete" && !!window.htmx`)
	b.Until(`document.querySelectorAll("tr[data-row]").length === 1`)
}

// dialogs opens and closes what opens, each time with the focus where it was.
func dialogs(b *e2e.Browser, job string) {
	b.Press("?")
	b.UntilText("#keys[open]", "Keyboard")
	picture(b, "keys-dialog")
	b.Press("j") // a dialog takes the keys for itself
	b.Press(kb.Escape)
	b.Until(`!document.querySelector("dialog[open]")`)

	row := `tr[data-href='/jobs/` + job + `']`
	focus(b, row+" button[title=Pause]")
	b.Press(kb.Enter)
	b.UntilText(row+" .col-next", "Paused until resumed")
	b.Until(`document.activeElement.title === "Resume"`) // the same button, now for the way back
	b.Press(" ")
	b.UntilText(row+" .col-next", "in ")
	b.Until(`document.activeElement.title === "Pause"`)

	focus(b, row+" summary")
	b.Press(kb.Enter)
	b.Until(`document.querySelector("` + row + ` details").open`)
	b.Press(kb.Escape)
	b.Until(`!document.querySelector("` + row + ` details").open && document.activeElement.matches("summary")`)
	b.Press(kb.Enter)
	b.Until(`document.querySelector("` + row + ` details").open`)
	tabTo(b, "Stop")
	visibleFocus(b)
	b.Press(kb.Enter)
	b.Until(`document.querySelector("#confirm[open]")`)
	b.Until(`document.activeElement.dataset.answer === "no"`) // what does no harm has the focus
	b.Press(kb.Escape)
	b.Until(`!document.querySelector("dialog[open]")`)
	b.Until(`document.activeElement !== document.body && document.activeElement.closest("` + row + `")`)
	b.Press(kb.Enter)
	tabTo(b, "Stop")
	b.Press(kb.Enter)
	b.Until(`document.querySelector("#confirm[open]")`)
	b.Press(kb.Tab)
	b.Until(`document.activeElement.dataset.answer === "yes"`)
	visibleFocus(b)
	b.Press(kb.Enter)
	b.UntilText(row+" .col-next", "Stopped")
	b.Until(`document.activeElement !== document.body && document.activeElement.closest("` + row + `")`)
}

// focus gives an element the focus.
func focus(b *e2e.Browser, selector string) {
	b.Until(`(e => { e?.focus(); return e && e === document.activeElement })(document.querySelector("` + selector + `"))`)
}

// tabTo presses the tab key until what holds the text has the focus.
func tabTo(b *e2e.Browser, text string) {
	for range 12 {
		if e2e.Eval[bool](b, `document.activeElement.innerText?.trim() === "`+text+`"`) {
			return
		}
		b.Press(kb.Tab)
	}
	b.Until(`document.activeElement.innerText?.trim() === "` + text + `"`)
}

// visibleFocus checks that one sees where the focus is.
func visibleFocus(b *e2e.Browser) {
	b.Until(`(s => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== "none")(getComputedStyle(document.activeElement))`)
}
