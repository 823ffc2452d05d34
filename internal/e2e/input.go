package e2e

import (
	"context"
	"strconv"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Press presses keys one after the other on whatever has the focus. Unlike with
// chromedp.KeyEvent, a key whose press the page takes for itself writes no letter.
func (b *Browser) Press(keys string) {
	b.t.Helper()
	for _, key := range keys {
		events := kb.Encode(key)
		down, up := *events[0], *events[len(events)-1]
		if len(events) > 2 {
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		b.Do(send(down), send(up))
	}
}

func send(event input.DispatchKeyEventParams) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, event)
		return chromedp.Void{}, err
	}
}

// Set gives a field a value as a picker does: at once, and with the events that follow.
func (b *Browser) Set(selector, value string) {
	b.t.Helper()
	b.Until(query(selector))
	Eval[bool](b, `(e => { e.value = `+strconv.Quote(value)+`;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true})); return true })(`+query(selector)+")")
}

// ClickText clicks the first visible element that matches the selector and holds the text.
func (b *Browser) ClickText(selector, text string) {
	b.t.Helper()
	b.clickOn("[...document.querySelectorAll(" + strconv.Quote(selector) + ")].find(e => e.checkVisibility() && e.innerText.includes(" + strconv.Quote(text) + "))")
}

// clickOn clicks the middle of the element of an expression, as soon as nothing covers it.
func (b *Browser) clickOn(element string) {
	b.t.Helper()
	middle := `(e => { if (!e) return null; e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect();
		const at = [r.x + r.width / 2, r.y + r.height / 2], hit = r.height > 0 && document.elementFromPoint(...at);
		return hit && (e.contains(hit) || hit.closest("label")?.contains(e)) ? at : null })(` + element + ")"
	b.Until(middle)
	at := Eval[[]float64](b, middle)
	if len(at) != 2 {
		b.t.Fatalf("%s went away before it could be clicked", element)
	}
	b.Do(chromedp.MouseClickXY(at[0], at[1]))
}

// Status is the HTTP status of the page that is open.
func (b *Browser) Status() int {
	b.t.Helper()
	return Eval[int](b, `performance.getEntriesByType("navigation")[0].responseStatus`)
}

// Path is the path and the query of the page that is open.
func (b *Browser) Path() string {
	b.t.Helper()
	return Eval[string](b, "location.pathname + location.search")
}

// UntilPath waits until a path is open and drawn.
func (b *Browser) UntilPath(path string) {
	b.t.Helper()
	b.Until("location.pathname === " + strconv.Quote(path) + ` && document.readyState === "complete"`)
}

// UntilReady waits until the page is loaded, its scripts included.
func (b *Browser) UntilReady() {
	b.t.Helper()
	b.Until(`document.readyState === "complete" && !!window.htmx`)
}

// Accept makes every request ask for a language.
func (b *Browser) Accept(language string) {
	b.t.Helper()
	params := network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}}
	b.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, params)
		return chromedp.Void{}, err
	})
}

// WithoutScripts turns JavaScript off for the pages that follow; Eval still works.
func (b *Browser) WithoutScripts() {
	b.t.Helper()
	b.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// Size gives the window another size.
func (b *Browser) Size(width, height int64) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(width, height))
}
