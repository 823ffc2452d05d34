package console

import (
	"strings"
	"testing"

	"carillon/internal/job"
	"carillon/internal/kind/kindtest"
)

func TestConformance(t *testing.T) {
	kindtest.Run(t, New(), kindtest.Cases{
		Valid: []job.Args{{"message": "hello"}, {"message": "\x1b[31mred\x1b[0m\nblue"}, {"message": strings.Repeat("é", 30_000)}},
	})
}

func TestPrintsTheMessage(t *testing.T) {
	t.Parallel()
	tests := []struct{ message, printed, result string }{
		{"hello", "hello\n", "hello"},
		{"two\r\nlines\r\n", "two\nlines\n", "two"},
		{"\n\n  indented", "\n\n  indented\n", "indented"},
		{"\x07 ", "\x07 \n", "OK"},
		{"你好，世界", "你好，世界\n", "你好，世界"},
	}
	for _, tt := range tests {
		var out kindtest.Buffer
		result, err := New().Run(t.Context(), kindtest.Execution(t, New(), job.Args{"message": tt.message}, &out))
		if err != nil || result.Message != tt.result || out.String() != tt.printed {
			t.Errorf("Run(%q) = %+v, %v and printed %q; want %q, printed %q", tt.message, result, err, out.String(), tt.result, tt.printed)
		}
	}
}
