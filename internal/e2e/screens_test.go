package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"carillon/internal/e2e"
)

// TestScreenshots takes pictures of the main pages of the demo for the documents, into
// the folder that CARILLON_SCREENSHOTS names:
//
//	make screenshots
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("CARILLON_SCREENSHOTS")
	if folder == "" {
		t.Skip("pictures are taken only when CARILLON_SCREENSHOTS names a folder")
	}
	p := binary.Serve(t, t.TempDir(), "--demo")
	desk := e2e.NewBrowser(t, p, 1360, 860)
	setUp(desk, p)
	time.Sleep(75 * time.Second) // the demo makes some history to show
	shoot(desk, folder, "", "home", "jobs", "job", "form", "runs", "run")
	phone := e2e.NewBrowser(t, p, 360, 780)
	signIn(phone)
	shoot(phone, folder, "-phone", "jobs", "run")
}

// shoot takes a picture of each named page in both themes.
func shoot(b *e2e.Browser, folder, suffix string, names ...string) {
	for _, theme := range []string{"light", "dark"} {
		b.Theme(theme)
		paths := pages(b)
		for _, name := range names {
			b.Go(paths[name])
			time.Sleep(400 * time.Millisecond) // fonts and first live update
			b.Shot(filepath.Join(folder, fmt.Sprintf("%s%s-%s.png", name, suffix, theme)))
		}
	}
	b.Quiet()
}

// pages finds a page of each sort in the demo.
func pages(b *e2e.Browser) map[string]string {
	link := func(list, prefix string) string {
		b.Go(list)
		return e2e.Eval[string](b, `document.querySelector('main a[href^="`+prefix+`"]').getAttribute("href")`)
	}
	return map[string]string{
		"home": "/", "jobs": "/jobs", "job": link("/jobs?q=flaky", "/jobs/0"), "form": "/jobs/new",
		"runs": "/runs", "run": link("/runs?state=failed", "/runs/0"),
	}
}

// setUp makes the first administrator, as the greeting's link asks.
func setUp(b *e2e.Browser, p *e2e.Process) {
	b.Go("/setup#" + p.Token)
	b.Fill(`input[name="name"]`, "ada")
	b.Fill(`input[name="password"]`, e2e.Password)
	b.Fill(`input[name="repeat"]`, e2e.Password)
	b.Click(`main form button[type="submit"], form button[type="submit"]`)
	b.Until(`location.pathname === "/"`)
}

func signIn(b *e2e.Browser) {
	b.Go("/login")
	b.Fill(`input[name="name"]`, "ada")
	b.Fill(`input[name="password"]`, e2e.Password)
	b.Click(`form button[type="submit"]`)
	b.Until(`location.pathname === "/"`)
}
