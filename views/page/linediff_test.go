package page

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDiffLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x\n", 20)
	for name, tc := range map[string]struct{ before, after, want string }{
		"the same":  {"a\nb\n", "a\nb", "2"},
		"added":     {"", "a\nb", "+a +b"},
		"removed":   {"a\nb", "", "-a -b"},
		"changed":   {"a\nb\nc", "a\nB\nc", "=a -b +B =c"},
		"line ends": {"a\r\nb", "a\nc", "=a -b +c"},
		"moved":     {"a\nb\nc", "b\nc\na", "-a =b =c +a"},
		"far":       {long + "a\n" + long, long + "b\n" + long, "17 =x =x =x -a +b =x =x =x 17"},
		"one hidden line is shown": {
			"1\n2\n3\n4\na", "1\n2\n3\n4\nb", "=1 =2 =3 =4 -a +b",
		},
	} {
		if diff := cmp.Diff(tc.want, compact(diffLines(tc.before, tc.after))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func compact(lines []diffLine) string {
	var words []string
	for _, l := range lines {
		switch l.Kind {
		case lineHidden:
			words = append(words, strconv.Itoa(l.Count))
		case lineSame:
			words = append(words, "="+l.Text)
		case lineAdded:
			words = append(words, "+"+l.Text)
		default:
			words = append(words, "-"+l.Text)
		}
	}
	return strings.Join(words, " ")
}

// Taking the removed lines out and the added ones in gives the new text, whatever the texts.
func TestDiffLinesRebuildsBothTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 0, 12)
		a, b := text.Draw(t, "before"), text.Draw(t, "after")
		var before, after []string
		for _, l := range diffMiddle(a, b) {
			if l.Kind != lineAdded {
				before = append(before, l.Text)
			}
			if l.Kind != lineRemoved {
				after = append(after, l.Text)
			}
		}
		if strings.Join(a, "|") != strings.Join(before, "|") || len(a) != len(before) {
			t.Fatalf("before: %q, want %q", before, a)
		}
		if strings.Join(b, "|") != strings.Join(after, "|") || len(b) != len(after) {
			t.Fatalf("after: %q, want %q", after, b)
		}
	})
}

// Texts too large for the table are still compared, in bounded time.
func TestDiffLinesOfHugeTexts(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a\nb\n", 2000), strings.Repeat("c\nd\n", 2000)
	if n := len(diffLines(a, b)); n != 8000 {
		t.Errorf("%d lines, want 8000", n)
	}
}
