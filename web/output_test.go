package web

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"carillon/internal/job"
	"carillon/views/page"
	"carillon/web/ansi"
)

// shown joins parts as a page shows them.
func shown(parts []page.OutputPart) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Dropped > 0 {
			b.WriteString("[hole]")
		}
		b.WriteString(p.HTML)
	}
	// The same text may be cut into spans at different places.
	return strings.NewReplacer(`</span><span class="term-fg31">`, "", `</span><span class="term-fg1">`, "").Replace(b.String())
}

// TestPrinterResumes breaks a stream off anywhere and goes on at the place it named.
func TestPrinterResumes(t *testing.T) {
	t.Parallel()
	pieces := []string{"one\n", "two", " \n", "\x1b[31mred", "\x1b[0m\n", "\r\n", "10%\r20%\r", "中\n", "\x1b[1m", "<b>", "\n\n"}
	rapid.Check(t, func(t *rapid.T) {
		var chunks []job.Chunk
		for i, text := range rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "texts") {
			c := job.Chunk{Seq: int64(i + 1), Stream: job.Stdout, Data: []byte(text)}
			if rapid.IntRange(0, 9).Draw(t, "hole") == 0 {
				c.Data, c.Dropped = nil, 7
			}
			chunks = append(chunks, c)
		}
		var whole, first printer
		var all, before []page.OutputPart
		for _, c := range chunks {
			all = append(all, whole.add(c)...)
		}
		all = append(all, whole.close()...)

		stop := rapid.IntRange(0, len(chunks)).Draw(t, "stop")
		for _, c := range chunks[:stop] {
			before = append(before, first.add(c)...)
		}
		place := parsePlace(first.at.String())
		if place != first.at {
			t.Fatalf("place %+v reads as %+v", first.at, place)
		}
		rest := printerAt(place)
		for _, c := range chunks {
			if c.Seq > place.after {
				before = append(before, rest.add(c)...)
			}
		}
		before = append(before, rest.close()...)
		if got, want := shown(before), shown(all); got != want {
			t.Fatalf("resumed at %s:\n%q, want\n%q", place, got, want)
		}
	})
}

func TestPlacesThatNobodyNamed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "x", "-1", "1_-1_0.0.0", "1_x_0.0.0", "99999999999999999999"} {
		if got := parsePlace(text); got != (place{}) {
			t.Errorf("%q reads as %+v", text, got)
		}
	}
	if got := parsePlace("7_3_99.99.99"); got != (place{after: 7, skip: 3, style: ansi.Style{}}) {
		t.Errorf("a strange style: %+v", got)
	}
}

func TestMaskArgs(t *testing.T) {
	t.Parallel()
	args := job.Args{
		"url": "http://x/", "token": "canary", "headers": map[string]any{"Authorization": "canary", "X-Api-Key": "canary", "Accept": "text/html"},
		"environment": map[string]any{"DB_PASSWORD": "canary", "EMPTY_SECRET": "", "LANG": "C"}, "data": []any{map[string]any{"secret": "canary", "n": 1.0}},
	}
	shown := maskArgs(args)
	headers, _ := shown["headers"].(map[string]any)
	if headers["Authorization"] != masked || headers["X-Api-Key"] != masked || headers["Accept"] != "text/html" || shown["token"] != masked || shown["url"] != "http://x/" {
		t.Errorf("shown %v", shown)
	}
	if environment, _ := shown["environment"].(map[string]any); environment["DB_PASSWORD"] != masked || environment["EMPTY_SECRET"] != "" || environment["LANG"] != "C" {
		t.Errorf("environment %v", environment)
	}
	if original, _ := args["headers"].(map[string]any); original["Authorization"] != "canary" {
		t.Error("the args themselves were changed")
	}
	if maskArgs(nil) != nil {
		t.Error("no args became some")
	}
}
