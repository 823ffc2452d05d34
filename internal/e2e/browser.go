package e2e

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Browser is one tab of a headless Chromium, with everything it complained about.
type Browser struct {
	t    testing.TB
	ctx  context.Context
	base string
	size [2]int64

	mu         sync.Mutex
	complaints []string
}

// browserWithin bounds one step in the browser.
const browserWithin = 20 * time.Second

// NewBrowser starts a browser on the console of p, when fewer than [Browsers] others run.
// Without Chromium the test is skipped, except in CI, where it fails.
func NewBrowser(t testing.TB, p *Process, width, height int64) *Browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	p.browsers <- struct{}{}
	t.Cleanup(func() { <-p.browsers })
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"),
		chromedp.WindowSize(int(width), int(height)),
	)
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, end := chromedp.NewContext(alloc)
	t.Cleanup(func() { end(); stop() })
	// The first action starts the browser, which lives as long as that action's context.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return tab(t, ctx, p.URL, [2]int64{width, height})
}

// Person opens a tab for somebody else: with cookies and storage of its own.
func (b *Browser) Person() *Browser {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatalf("open a tab: %v", err)
	}
	return tab(b.t, ctx, b.base, b.size)
}

func tab(t testing.TB, ctx context.Context, base string, size [2]int64) *Browser {
	t.Helper()
	b := &Browser{t: t, ctx: ctx, base: base, size: size}
	go b.listen(chromedp.Console(ctx))
	go b.answer(chromedp.Events(ctx, page.JavascriptDialogOpening))
	b.Do(chromedp.EmulateViewport(size[0], size[1]))
	return b
}

// listen collects console errors, uncaught exceptions and violations of the content policy.
func (b *Browser) listen(messages func(func(chromedp.ConsoleMessage, error) bool)) {
	for m, err := range messages {
		if err != nil {
			return
		}
		switch m.Type {
		case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException:
			b.complain(m.String())
		}
	}
}

// answer says yes to the browser's own dialogs, each of which is a complaint as well.
func (b *Browser) answer(dialogs iter.Seq2[page.EventJavascriptDialogOpening, error]) {
	for d, err := range dialogs {
		if err != nil {
			return
		}
		b.complain("dialog " + string(d.Type) + ": " + d.Message)
		_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
}

func (b *Browser) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, text)
}

// Quiet fails the test if the browser complained since the last call about anything
// but what contains one of the expected texts.
func (b *Browser) Quiet(expected ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, c := range b.complaints {
		for _, e := range expected {
			if strings.Contains(c, e) {
				continue next
			}
		}
		b.t.Errorf("the browser complains: %s", c)
	}
	b.complaints = nil
}

// Do performs steps in the browser and fails the test at the first that does not succeed.
func (b *Browser) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for i, step := range steps {
		if _, err := perform(b, step); err != nil {
			where, _ := perform(b, chromedp.Location())
			body, _ := perform(b, chromedp.Evaluate[string]("document.body.innerText"))
			b.t.Fatalf("step %d at %s: %v\n%.3000s", i+1, where, err, body)
		}
	}
}

func perform[T any](b *Browser, step chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, browserWithin)
	defer cancel()
	return chromedp.Run(ctx, step)
}

// Go opens a page of the console.
func (b *Browser) Go(path string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(b.base + path))
}

// Fill types a text into a field, which loses what was in it.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	b.Until(visible(selector))
	Eval[bool](b, "(e => { e.focus(); e.value = ''; return true })("+query(selector)+")")
	b.Do(chromedp.KeyEvent(text))
}

// Click clicks the middle of the first element that matches, with the mouse.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.clickOn(query(selector))
}

func query(selector string) string { return "document.querySelector(" + strconv.Quote(selector) + ")" }

// visible is an expression that holds when an element can be seen.
func visible(selector string) string {
	return query(selector) + "?.checkVisibility() && " + query(selector) + ".getBoundingClientRect().height > 0"
}

// Text returns the text of the first element that matches.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	return Eval[string](b, "document.querySelector("+strconv.Quote(selector)+")?.innerText ?? ''")
}

// Until waits until a JavaScript expression is true.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(browserWithin)
	for {
		ok, err := perform(b, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			where, _ := perform(b, chromedp.Location())
			body, _ := perform(b, chromedp.Evaluate[string]("document.body.innerText"))
			b.t.Fatalf("not within %v at %s: %s (%v)\n%.3000s", browserWithin, where, expression, err, body)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// UntilText waits until an element's text contains a text.
func (b *Browser) UntilText(selector, text string) {
	b.t.Helper()
	b.Until("[...document.querySelectorAll(" + strconv.Quote(selector) + ")].some(e => e.innerText.includes(" + strconv.Quote(text) + "))")
}

// Eval returns the value of a JavaScript expression.
func Eval[T any](b *Browser, expression string) T {
	b.t.Helper()
	v, err := perform(b, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// Theme makes the browser ask for a colour scheme, "light" or "dark", and less motion.
func (b *Browser) Theme(name string) {
	b.t.Helper()
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	b.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, params)
		return chromedp.Void{}, err
	})
}

// Shot saves a picture of the whole page.
func (b *Browser) Shot(file string) {
	b.t.Helper()
	png, err := perform(b, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("picture: %v", err)
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
