package sse_test

import (
	"net/http/httptest"
	"testing"

	"carillon/internal/clock"
	"carillon/web/sse"
)

func TestStream(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		event, id, data string
		want            string
	}{
		"plain":                     {"changed", "", "", "event: changed\ndata: \n\n"},
		"with id":                   {"output", "7", "x", "event: output\nid: 7\ndata: x\n\n"},
		"several lines":             {"", "", "a\nb\n", "data: a\ndata: b\ndata: \n\n"},
		"carriage returns":          {"", "", "a\r\nb\rdata: c", "data: a\ndata: b\ndata: data: c\n\n"},
		"a value stays in its line": {"x\nevent: y", "1\r\nid: 2\x00", "", "event: xevent: y\nid: 1id: 2\ndata: \n\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := httptest.NewRecorder()
			s, err := sse.Open(rec, clock.System())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Send(c.event, c.id, c.data); err != nil {
				t.Fatal(err)
			}
			if err := s.Beat(); err != nil {
				t.Fatal(err)
			}
			if got, want := rec.Body.String(), "retry: 2000\n\n"+c.want+":\n\n"; got != want {
				t.Errorf("stream %q, want %q", got, want)
			}
			if got := rec.Header().Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
				t.Errorf("Content-Type %q", got)
			}
			if !rec.Flushed {
				t.Error("nothing was flushed")
			}
		})
	}
}
