package page_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"carillon/views/page"
)

// The first page with everything it loads stays within 60 KB as it goes over the wire.
func TestFirstPageIsLight(t *testing.T) {
	t.Parallel()
	const budget = 60 * 1024
	var b bytes.Buffer
	if err := page.JobList(jobList()).Render(printer(t, "en"), &b); err != nil {
		t.Fatal(err)
	}
	total := compressed(t, b.Bytes())
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	loaded := 0
	doc.Find("script[src], link[href]").Each(func(_ int, s *goquery.Selection) {
		file, err := os.ReadFile("../.." + s.AttrOr("src", s.AttrOr("href", "")))
		if err != nil {
			t.Error(err)
		}
		total += compressed(t, file)
		loaded++
	})
	if loaded < 7 || total > budget {
		t.Errorf("%d files and the page make %d bytes, budget %d", loaded, total, budget)
	}
	t.Logf("first page: %d bytes compressed", total)
}

func compressed(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// Every icon that a component names is in the sprite.
func TestIconsAreInTheSprite(t *testing.T) {
	t.Parallel()
	sprite, err := os.ReadFile("../../static/icons/sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, c := range pages() {
		render(t, c).Find("use").Each(func(_ int, s *goquery.Selection) {
			_, name, _ := strings.Cut(s.AttrOr("href", ""), "#")
			used[name] = true
		})
	}
	if len(used) < 40 {
		t.Errorf("only %d icons are used on all pages", len(used))
	}
	for name := range used {
		if !strings.Contains(string(sprite), `<symbol id="`+name+`"`) {
			t.Errorf("the icon %q is not in the sprite", name)
		}
	}
}
