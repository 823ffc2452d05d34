package e2e_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"carillon/internal/e2e"
)

// TestBrowserWithoutScripts does the main things with JavaScript turned off.
func TestBrowserWithoutScripts(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	token := binary.AddAdmin(t, data, "ada")
	p := binary.Serve(t, data)
	b := e2e.NewBrowser(t, p, deskWidth, deskHeight)
	b.WithoutScripts()
	signIn(b)

	b.Go("/jobs/new")
	b.Fill(`[name="name"]`, "plain")
	b.Fill(`[name="group"]`, "test")
	b.ClickText(".tile", "HTTP request")
	b.ClickText("noscript button", "Show the fields")
	b.Until(`document.querySelector('[name="args.url"]')`)
	if got := value(b, "name"); got != "plain" {
		t.Errorf("showing other fields lost the name: %q", got)
	}
	b.ClickText(".tile", "Console")
	b.ClickText("noscript button", "Show the fields")
	b.Fill(`[name="args.message"]`, "no scripts here")
	b.Fill(`[name="schedule.cron"]`, "0 0 30 2 *")
	b.Click(`#job-form .form-foot button`)
	untilFault(b, "schedule.cron", "never comes")
	b.Fill(`[name="schedule.cron"]`, "0 0 1 1 *")
	b.Click(`#job-form .form-foot button`)
	b.UntilText(".toast", "Created plain")
	job := b.Path()

	b.ClickText("main .head button", "Run now")
	b.UntilText(".toast", "plain runs now")
	run := b.Path()
	api := p.API(t, token)
	for len(api.Logs(path.Base(job))) == 0 {
		b.Go(run)
	}
	b.Go(run)
	b.UntilText("h1", "Succeeded")
	b.UntilText("[data-term]", "no scripts here")
	picture(b, "plain-run")

	b.Go("/jobs")
	picture(b, "plain-jobs")
	b.Click(`button[title="Pause"]`)
	b.UntilText(".toast", "Paused plain")
	b.Go("/jobs")
	b.Click("tr.row [data-select]")
	b.ClickText(".bulk-verbs button", "Stop")
	b.UntilText(".notice", "1 job stopped")
	b.Go(job)
	b.Click("main .head details.menu summary")
	b.ClickText("main .head .menu-item", "Delete")
	b.UntilText(".toast", "Deleted plain")
	if b.Path() != "/jobs" {
		t.Errorf("after the deletion at %s", b.Path())
	}
	b.Click("details.menu-user summary")
	b.ClickText(".menu-user .menu-item", "Sign out")
	b.UntilText("h1", "Sign in")
	b.Quiet("status of 422")
}

// firstPageBudget is how many bytes the first page may cost, compressed.
const firstPageBudget = 60 << 10

// TestFirstPageIsSmall adds up what a browser fetches for the list of jobs.
func TestFirstPageIsSmall(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	binary.AddAdmin(t, filepath.Join(data, "demo"), "ada") // the demo has a folder of its own
	p := binary.Serve(t, data, "--demo")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(client.CloseIdleConnections)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/login", strings.NewReader(url.Values{"name": {"ada"}, "password": {e2e.Password}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", p.URL)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/" {
		t.Fatalf("signing in leads to %s with status %d", resp.Request.URL, resp.StatusCode)
	}

	total, page := fetched(t, client, p.URL+"/jobs")
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Find("tr.row").Length() < 5 {
		t.Fatalf("this is not the list of jobs:\n%.500s", page)
	}
	doc.Find(`script[src], link[rel="stylesheet"]`).Each(func(_ int, s *goquery.Selection) {
		size, _ := fetched(t, client, p.URL+s.AttrOr("src", s.AttrOr("href", "")))
		total += size
	})
	if total > firstPageBudget {
		t.Errorf("the first page takes %d bytes, more than %d", total, firstPageBudget)
	}
}

// fetched returns how many bytes were sent for a URL, and what they say.
func fetched(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, resp.StatusCode, err)
	}
	t.Logf("%6d %s", len(raw), url)
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return len(raw), string(raw)
	}
	z, err := gzip.NewReader(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return len(raw), string(text)
}
