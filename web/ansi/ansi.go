// Package ansi turns what a program printed into safe HTML.
//
// Colours and weights become classes (those that terminal-to-html uses) and never
// styles, because the pages' Content-Security-Policy forbids inline styles.
// Everything else that a terminal would obey (cursor movement, titles, links, images)
// is left out: output is untrusted, and a page is not a terminal.
package ansi

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLine is the length in bytes after which a line that has not ended is not waited for any longer.
const MaxLine = 32 << 10

// Renderer renders output piece by piece. It keeps the current style, and the bytes of
// a line that has not ended: they may be overwritten yet, as progress bars do. The zero
// value is ready to use.
type Renderer struct {
	style   Style
	pending []byte
	// open says that the beginning of the line was given away already.
	open bool
}

// Resume returns a renderer that goes on in the given style.
func Resume(s Style) *Renderer { return &Renderer{style: s} }

// Style returns the style in which the pending bytes begin.
func (r *Renderer) Style() Style { return r.style }

// Pending returns how many bytes wait for the end of their line.
func (r *Renderer) Pending() int { return len(r.pending) }

// Write takes output and returns the lines that it completes, as HTML; each ends with a line feed.
func (r *Renderer) Write(p []byte) string {
	var b strings.Builder
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			r.pending = append(r.pending, p...)
			break
		}
		r.pending = append(r.pending, bytes.TrimSuffix(p[:end], []byte{'\r'})...)
		b.WriteString(r.take(len(r.pending)) + "\n")
		r.open = false
		p = p[end+1:]
	}
	if len(r.pending) > MaxLine {
		b.WriteString(r.Flush())
	}
	return b.String()
}

// Flush returns what is pending without waiting for the end of the line. It keeps only
// what cannot be understood yet: the beginning of a character or an escape sequence.
func (r *Renderer) Flush() string {
	n := len(r.pending) - unfinished(r.pending)
	if len(r.pending) > 2*MaxLine {
		n = len(r.pending)
	}
	if n == 0 {
		return ""
	}
	text := r.take(n)
	r.open = true
	return text
}

// Close returns everything that is pending.
func (r *Renderer) Close() string { return r.take(len(r.pending)) }

// take renders the first n pending bytes.
func (r *Renderer) take(n int) string {
	w := writer{style: r.style, open: r.open}
	w.scan(r.pending[:n])
	r.style = w.style
	r.pending = append([]byte(nil), r.pending[n:]...)
	return w.html()
}

// unfinished returns how many bytes at the end of p are the beginning of something longer.
func unfinished(p []byte) int {
	if i := bytes.LastIndexByte(p, esc); i >= 0 {
		if _, _, complete := escape(p[i:]); !complete {
			return len(p) - i
		}
	}
	if bytes.HasSuffix(p, []byte{'\r'}) {
		return 1
	}
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		tail := p[len(p)-back:]
		if utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return back
		}
	}
	return 0
}

// run is a piece of a line in one style.
type run struct {
	style Style
	text  strings.Builder
}

// writer builds one line.
type writer struct {
	style Style
	runs  []*run
	open  bool // the line began earlier and cannot be taken back
	lead  string
}

// scan walks through the bytes of a line.
func (w *writer) scan(p []byte) {
	for len(p) > 0 {
		switch c := p[0]; {
		case c == esc:
			n, sgr, _ := escape(p)
			if sgr != nil {
				w.style = w.style.apply(string(sgr))
			}
			p = p[n:]
		case c == '\r':
			// The cursor goes back and what follows overwrites the line: a progress bar.
			w.runs = nil
			if w.open {
				w.open, w.lead = false, "\n"
			}
			p = p[1:]
		case c == '\b':
			w.backspace()
			p = p[1:]
		case c < ' ' && c != '\t' || c == 0x7f:
			p = p[1:]
		default:
			r, n := utf8.DecodeRune(p)
			if r < 0x80 || r > 0x9f { // the C1 controls are left out
				w.put(r)
			}
			p = p[n:]
		}
	}
}

// put adds one character; a byte that is no UTF-8 has become U+FFFD.
func (w *writer) put(r rune) {
	if n := len(w.runs); n == 0 || w.runs[n-1].style != w.style {
		w.runs = append(w.runs, &run{style: w.style})
	}
	w.runs[len(w.runs)-1].text.WriteRune(r)
}

// backspace takes the last character of the current run back.
func (w *writer) backspace() {
	if len(w.runs) == 0 {
		return
	}
	last := w.runs[len(w.runs)-1]
	text := last.text.String()
	_, n := utf8.DecodeLastRuneInString(text)
	last.text.Reset()
	last.text.WriteString(text[:len(text)-n])
}

// html returns the line with every character escaped.
func (w *writer) html() string {
	var b strings.Builder
	b.WriteString(w.lead)
	for _, r := range w.runs {
		text := html.EscapeString(r.text.String())
		if class := r.style.class(); class != "" && text != "" {
			b.WriteString(`<span class="` + class + `">` + text + `</span>`)
			continue
		}
		b.WriteString(text)
	}
	return b.String()
}

const esc = 0x1b

// escape measures the escape sequence at the start of p. For a sequence that sets
// colours ("select graphic rendition") it also returns its parameters, not nil.
// A sequence that p does not hold to its end is not complete.
func escape(p []byte) (length int, sgr []byte, complete bool) {
	if len(p) < 2 {
		return len(p), nil, false
	}
	switch p[1] {
	case '[':
		return control(p)
	case ']', 'P', 'X', '^', '_': // strings, up to BEL or ESC \
		for i := 2; i < len(p); i++ {
			if p[i] == 0x07 {
				return i + 1, nil, true
			}
			if p[i] == esc && i+1 < len(p) && p[i+1] == '\\' {
				return i + 2, nil, true
			}
		}
		return len(p), nil, false
	case '(', ')', '*', '+', '#', '%', ' ': // one more byte follows
		return min(3, len(p)), nil, len(p) >= 3
	default:
		return 2, nil, true
	}
}

// control measures a sequence that starts with ESC [.
func control(p []byte) (length int, sgr []byte, complete bool) {
	for i := 2; i < len(p); i++ {
		switch c := p[i]; {
		case c == 'm':
			return i + 1, p[2:i:i], true
		case c >= 0x40 && c <= 0x7e:
			return i + 1, nil, true
		case c < 0x20 || c > 0x7e:
			return i, nil, true // broken off: what follows is text again
		}
	}
	return len(p), nil, false
}

// numbers reads the parameters of a colour sequence; an empty one is 0, a strange one -1.
func numbers(params string) []int {
	fields := strings.FieldsFunc(params+";", func(r rune) bool { return r == ';' || r == ':' })
	if len(fields) == 0 {
		return []int{0}
	}
	codes := make([]int, 0, min(len(fields), maxCodes))
	for _, field := range fields[:min(len(fields), maxCodes)] {
		n, err := strconv.Atoi(field)
		if err != nil || n < 0 || n > 255 {
			n = -1
		}
		codes = append(codes, n)
	}
	return codes
}

// maxCodes bounds how many parameters of one sequence are read.
const maxCodes = 32
