package ansi_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"carillon/web/ansi"
)

// render returns the HTML of the output, the unfinished last line included.
func render(parts ...string) string {
	var r ansi.Renderer
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(r.Write([]byte(part)))
	}
	return b.String() + r.Close()
}

func TestRenderer(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		in   []string
		want string
	}{
		"plain":                  {[]string{"a\nb\n"}, "a\nb\n"},
		"unfinished":             {[]string{"a\nb"}, "a\nb"},
		"empty lines stay":       {[]string{"\n\na\n"}, "\n\na\n"},
		"a line in two pieces":   {[]string{"hal", "lo\n"}, "hallo\n"},
		"windows line end":       {[]string{"a\r\nb\r\n"}, "a\nb\n"},
		"progress bar":           {[]string{"10%\r50%\r", "100%\n"}, "100%\n"},
		"escaped":                {[]string{`<img src=x onerror=alert(1)>"'&`}, "&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;"},
		"colour":                 {[]string{"\x1b[31mred\x1b[0m plain"}, `<span class="term-fg31">red</span> plain`},
		"colour goes on":         {[]string{"\x1b[1;32ma\nb\x1b[m\nc"}, `<span class="term-fg32 term-fg1">a</span>` + "\n" + `<span class="term-fg32 term-fg1">b</span>` + "\nc"},
		"bright and background":  {[]string{"\x1b[97;104mx"}, `<span class="term-fgi97 term-bgi104">x</span>`},
		"256 colours":            {[]string{"\x1b[38;5;196mx\x1b[48;5;9my"}, `<span class="term-fgi91">x</span><span class="term-fgi91 term-bgi101">y</span>`},
		"millions of colours":    {[]string{"\x1b[38;2;250;10;10mx\x1b[39my"}, `<span class="term-fgi91">x</span>y`},
		"colons":                 {[]string{"\x1b[38:5:2mx"}, `<span class="term-fg32">x</span>`},
		"sequence in two pieces": {[]string{"\x1b[3", "1mred"}, `<span class="term-fg31">red</span>`},
		"cursor and erase":       {[]string{"a\x1b[2J\x1b[1;1Hb\x1b[K"}, "ab"},
		"title":                  {[]string{"\x1b]0;<script>alert(1)</script>\x07a"}, "a"},
		"link":                   {[]string{"\x1b]8;;javascript:alert(1)\x1b\\text\x1b]8;;\x1b\\"}, "text"},
		"image":                  {[]string{"\x1b]1338;url=http://evil/x.png\x07a"}, "a"},
		"unended string":         {[]string{"a\x1b]0;title without an end\nb"}, "a\nb"},
		"class injection":        {[]string{"\x1b[31\"><b>m"}, "&gt;m"},
		"strange parameters":     {[]string{"\x1b[999;-1;31mx"}, `<span class="term-fg31">x</span>`},
		"cut off 38":             {[]string{"\x1b[38mx"}, "x"},
		"lonely escape":          {[]string{"a\x1b\nb"}, "a\nb"},
		"backspace":              {[]string{"abc\b\bd\b\b\b\b\b\be"}, "e"},
		"bell and null":          {[]string{"a\x07\x00b\tc"}, "ab\tc"},
		"c1 controls":            {[]string{"a\u009b31mb"}, "a31mb"},
		"not utf-8":              {[]string{"a\xff\xfeb"}, "a\ufffd\ufffdb"},
		"rune in two pieces":     {[]string{"\xe4\xb8", "\xad"}, "中"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, render(c.in...)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLongLineIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	var r ansi.Renderer
	var b strings.Builder
	piece := strings.Repeat("中", 999)
	for range 100 { // 300 kB without a line end
		b.WriteString(r.Write([]byte(piece)))
		if r.Pending() > ansi.MaxLine+len(piece) {
			t.Fatalf("%d bytes are pending", r.Pending())
		}
	}
	if b.WriteString(r.Close()); b.String() != strings.Repeat(piece, 100) {
		t.Error("the pieces do not add up to the line")
	}
	if r.Write([]byte("\x1b]0;" + strings.Repeat("t", 3*ansi.MaxLine))); r.Pending() > 0 {
		t.Errorf("%d bytes of a sequence without an end are pending", r.Pending())
	}
}

func TestFlush(t *testing.T) {
	t.Parallel()
	var r ansi.Renderer
	steps := []struct{ in, want string }{
		{"Password: ", "Password: "},
		{"ok\x1b[3", "ok"},
		{"1mred\xe4", `<span class="term-fg31">red</span>`},
		{"\xb8\xad", `<span class="term-fg31">中</span>`},
		{"\x1b[m\r", ""},
		{"50%", "\n50%"}, // what was shown cannot be overwritten
	}
	for _, step := range steps {
		if got := r.Write([]byte(step.in)) + r.Flush(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.in, got, step.want)
		}
	}
}

func TestStyleSurvivesItsText(t *testing.T) {
	t.Parallel()
	r := ansi.Resume(ansi.Style{})
	r.Write([]byte("\x1b[1;4;35;43mx\n"))
	again := ansi.Resume(ansi.ParseStyle(r.Style().String()))
	if diff := cmp.Diff(r.Write([]byte("y\n")), again.Write([]byte("y\n"))); diff != "" {
		t.Errorf("after resuming (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "x", "99.0.0", "0.0.255", "-1.0.0"} {
		if got := ansi.ParseStyle(bad); got != (ansi.Style{}) {
			t.Errorf("ParseStyle(%q) = %v", bad, got)
		}
	}
}

// safe matches what HTML may consist of.
var safe = regexp.MustCompile(`^(?:[^<>"']|&#?[a-z0-9]+;|<span class="[a-z0-9 -]+">|</span>)*$`)

func FuzzRenderer(f *testing.F) {
	f.Add([]byte("\x1b[31mred\x1b[0m\n"), 3)
	f.Add([]byte("\x1b]8;;javascript:1\x1b\\<b>\r\n\xff\b"), 1)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		whole := render(string(in))
		if !safe.MatchString(whole) || !utf8.ValidString(whole) {
			t.Fatalf("unsafe %q", whole)
		}
		if cut < 0 || cut > len(in) || len(in) > ansi.MaxLine {
			return
		}
		if diff := cmp.Diff(whole, render(string(in[:cut]), string(in[cut:]))); diff != "" {
			t.Fatalf("in two pieces (-whole +pieces):\n%s", diff)
		}
	})
}
