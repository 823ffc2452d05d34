package kind_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/internal/kind"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is a kind with a parameter of every type.
type sample struct{ name string }

func (s sample) Spec() job.KindSpec {
	return job.KindSpec{Name: s.name, Icon: "x", Params: []job.Param{
		{Name: "text", Type: job.ParamText, MaxLength: 20},
		{Name: "area", Type: job.ParamArea, Default: "as usual"},
		{Name: "number", Type: job.ParamNumber, Min: -5, Max: 100, Default: 7.0},
		{Name: "free", Type: job.ParamNumber},
		{Name: "boolean", Type: job.ParamBoolean},
		{Name: "choice", Type: job.ParamChoice, Options: []string{"GET", "Post"}},
		{Name: "map", Type: job.ParamMap},
		{Name: "json", Type: job.ParamJSON},
		{Name: "url", Type: job.ParamURL},
		{Name: "must", Type: job.ParamCode, Required: true},
	}}
}

func (sample) Check(args job.Args) error {
	var faults apperr.Faults
	if kind.String(args, "must") == "refused" {
		faults.Add("must", "error.kind.param_json")
	}
	if kind.String(args, "must") == "broken" {
		return errors.New("no parameter's fault")
	}
	return faults.Err()
}

func (sample) Summary(args job.Args) string {
	return fmt.Sprint("sample of ", kind.Number(args, "number"))
}

func (sample) Run(context.Context, kind.Execution) (kind.Result, error) { return kind.Result{}, nil }

func registry(t interface{ Fatal(...any) }, names ...string) *kind.Registry {
	var kinds []kind.Kind
	for _, n := range names {
		kinds = append(kinds, sample{n})
	}
	r, err := kind.NewRegistry(kinds...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	r := registry(t, "Second", "First")
	if specs := r.Specs(); len(specs) != 2 || specs[0].Name != "Second" || specs[1].Name != "First" {
		t.Errorf("specs are not in their order: %v", specs)
	}
	if k, ok := r.Find(" sECOND "); !ok || k.Spec().Name != "Second" {
		t.Error("Second is not found without case")
	}
	if _, ok := r.Find("third"); ok {
		t.Error("found a kind that is not there")
	}
	for _, names := range [][]string{{"A", "a"}, {""}} {
		var kinds []kind.Kind
		for _, n := range names {
			kinds = append(kinds, sample{n})
		}
		if _, err := kind.NewRegistry(kinds...); err == nil {
			t.Errorf("names %q were accepted", names)
		}
	}
}

func TestCheckNormalises(t *testing.T) {
	t.Parallel()
	r := registry(t, "Sample")
	tests := []struct {
		name, param string
		in, want    any
	}{
		{"text is trimmed", "text", " a b ", "a b"},
		{"blank text is left out", "text", "  ", nil},
		{"null is left out", "text", nil, nil},
		{"area keeps its blanks, but not CRLF", "area", " a\r\n b ", " a\n b "},
		{"number from a form", "number", " 30 ", 30.0},
		{"number from Go", "number", 30, 30.0},
		{"number from a decoder", "number", json.Number("-5"), -5.0},
		{"blank number is left out", "number", "", nil},
		{"negative zero", "number", "-0", 0.0},
		{"boolean", "boolean", true, true},
		{"boolean from a form", "boolean", "on", true},
		{"false from a form", "boolean", "False", false},
		{"choice without case", "choice", "post", "Post"},
		{"map", "map", map[string]any{"A": "b", "N": 1.5, "T": true}, map[string]any{"A": "b", "N": "1.5", "T": "true"}},
		{"map of Go strings", "map", map[string]string{"A": "b"}, map[string]any{"A": "b"}},
		{"map from lines", "map", "A=b=c: d\r\n\n B : x=y \nC=", map[string]any{"A": "b=c: d", "B": "x=y", "C": ""}},
		{"map from JSON text", "map", ` {"A":"b"}`, map[string]any{"A": "b"}},
		{"empty map is left out", "map", map[string]any{}, nil},
		{"JSON", "json", map[string]any{"a": []any{1.0, nil}}, map[string]any{"a": []any{1.0, nil}}},
		{"JSON from a form", "json", `[1, {"a": null}]`, []any{1.0, map[string]any{"a": nil}}},
		{"JSON text of a text stays", "json", `"{}"`, `"{}"`},
		{"URL", "url", " https://example.com:8443/a?b#c ", "https://example.com:8443/a?b#c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name, stored, err := r.Check("SAMPLE", job.Args{"must": "x", tt.param: tt.in})
			if err != nil || name != "Sample" {
				t.Fatalf("Check = %q, %v", name, err)
			}
			want := job.Args{"must": "x"}
			if tt.want != nil {
				want[tt.param] = tt.want
			}
			if diff := cmp.Diff(want, stored); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	r := registry(t, "Sample")
	deep := any("x")
	for range 100 {
		deep = []any{deep}
	}
	tests := []struct {
		field, msg string
		args       job.Args
	}{
		{"args.must", "error.kind.param_required", job.Args{"must": nil}},
		{"args.must", "error.kind.param_required", job.Args{"must": " \n"}},
		{"args.must", "error.kind.param_json", job.Args{"must": "refused"}},
		{"args.other", "error.kind.param_unknown", job.Args{"other": 1}},
		{"args.text", "error.kind.param_too_long", job.Args{"text": strings.Repeat("x", 21)}},
		{"args.text", "error.kind.param_one_line", job.Args{"text": "a\nb"}},
		{"args.text", "error.kind.param_nul", job.Args{"text": "a\x00b"}},
		{"args.text", "error.kind.param_utf8", job.Args{"text": "\xff"}},
		{"args.area", "error.kind.param_text", job.Args{"area": 5.0}},
		{"args.area", "error.kind.param_too_long", job.Args{"area": strings.Repeat("x", kind.MaxText+1)}},
		{"args.number", "error.kind.param_number", job.Args{"number": 1.5}},
		{"args.number", "error.kind.param_number", job.Args{"number": "1e1"}},
		{"args.number", "error.kind.param_range", job.Args{"number": 101}},
		{"args.number", "error.kind.param_range", job.Args{"number": -6}},
		{"args.free", "error.kind.param_number", job.Args{"free": 1e17}},
		{"args.boolean", "error.kind.param_boolean", job.Args{"boolean": "maybe"}},
		{"args.choice", "error.kind.param_choice", job.Args{"choice": "PUT"}},
		{"args.map", "error.kind.param_map_line", job.Args{"map": "A=b\nnothing"}},
		{"args.map", "error.kind.param_map_twice", job.Args{"map": "A=b\nA=c"}},
		{"args.map", "error.kind.param_map_key", job.Args{"map": "=b"}},
		{"args.map", "error.kind.param_map_value", job.Args{"map": map[string]any{"A": nil}}},
		{"args.map", "error.kind.param_nul", job.Args{"map": `{"A":"\u0000"}`}},
		{"args.json", "error.kind.param_json", job.Args{"json": "{"}},
		{"args.json", "error.kind.param_json", job.Args{"json": deep}},
		{"args.json", "error.kind.param_json", job.Args{"json": make(chan int)}},
		{"args.json", "error.kind.param_nul", job.Args{"json": `["\u0000"]`}},
		{"args.url", "error.kind.param_url_scheme", job.Args{"url": "ftp://example.com"}},
		{"args.url", "error.kind.param_url_host", job.Args{"url": "http:///path"}},
		{"args.url", "error.kind.param_url", job.Args{"url": "http://exa mple.com"}},
		{"args.url", "error.kind.param_url", job.Args{"url": "http://example.com:0"}},
	}
	for _, tt := range tests {
		if _, given := tt.args["must"]; !given {
			tt.args["must"] = "x"
		}
		_, _, err := r.Check("Sample", tt.args)
		var e *apperr.Error
		if !errors.As(err, &e) || e.Kind != apperr.Invalid || e.Fields[tt.field].Msg != tt.msg {
			t.Errorf("Check(%.80v) = %v, want %s under %s", tt.args, err, tt.msg, tt.field)
		}
	}
}

func TestCheckOfKindItself(t *testing.T) {
	t.Parallel()
	r := registry(t, "Sample")
	if _, _, err := r.Check("nothing", nil); !kind.IsUnknown(err) {
		t.Errorf("unknown kind = %v", err)
	}
	if _, _, err := r.Check(" ", nil); kind.IsUnknown(err) || !apperr.Is(err, apperr.Invalid) {
		t.Errorf("no kind = %v", err)
	}
	if _, _, err := r.Check("Sample", job.Args{"must": "broken"}); apperr.Is(err, apperr.Invalid) || err == nil {
		t.Errorf("a defect of the kind = %v, want no fault of the input", err)
	}
}

func TestTogetherTooLarge(t *testing.T) {
	t.Parallel()
	r := registry(t, "Sample")
	part := strings.Repeat("\x01", 60<<10) // six bytes each as JSON
	_, _, err := r.Check("Sample", job.Args{"must": part, "area": part})
	if err == nil || !strings.Contains(err.Error(), "args: error.kind.too_large") {
		t.Errorf("Check = %v", err)
	}
}

func TestUnknownParametersAreBounded(t *testing.T) {
	t.Parallel()
	args := job.Args{"must": "x"}
	for i := range 5000 {
		args[fmt.Sprint(strings.Repeat("n", 300), i)] = 1
	}
	r := registry(t, "Sample")
	_, _, err := r.Check("Sample", args)
	if err == nil || len(err.Error()) > 20_000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
	if got := r.Clean("sample", args); len(got) != 1 || got["must"] != "x" {
		t.Errorf("Clean = %v", got)
	}
}

func TestPrepareFillsDefaults(t *testing.T) {
	t.Parallel()
	r := registry(t, "Sample")
	in := job.Args{"must": "x", "number": ""}
	k, ready, err := r.Prepare("sample", in)
	if err != nil || k.Spec().Name != "Sample" {
		t.Fatal(err)
	}
	if diff := cmp.Diff(job.Args{"must": "x", "number": 7.0, "area": "as usual"}, ready); diff != "" {
		t.Error(diff)
	}
	if len(in) != 2 {
		t.Errorf("the caller's args changed: %v", in)
	}
	if got := r.Summary("sample", in); got != "sample of 7" {
		t.Errorf("Summary = %q", got)
	}
	if got := r.Summary("gone\n", in); got != "gone" {
		t.Errorf("Summary of an unknown kind = %q", got)
	}
}

func TestReadersTakeAnything(t *testing.T) {
	t.Parallel()
	var none job.Args
	if kind.String(none, "a") != "" || kind.Number(none, "a") != 0 || kind.Boolean(none, "a") || len(kind.Map(none, "a")) != 0 {
		t.Error("nil args are not empty")
	}
	args := job.Args{"n": json.Number("5"), "i": 5, "l": int64(5), "f": 5.0, "b": true, "m": map[string]any{"a": "b", "c": 1}}
	for _, name := range []string{"n", "i", "l", "f"} {
		if kind.Number(args, name) != 5 || kind.String(args, name) != "" {
			t.Errorf("number %s is not read", name)
		}
	}
	if !kind.Boolean(args, "b") || cmp.Diff(map[string]string{"a": "b"}, kind.Map(args, "m")) != "" {
		t.Error("boolean or map is not read")
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" plain ":   "plain",
		"a\nb\tc\r": "a b c",
		"\x1b[1;31mred\x1b[0m \x1b]0;title\x07end": "red end",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
		"a\x00b\u2028c": "ab c",
		"bad\xff":       "bad\uFFFD",
	} {
		if got := kind.Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
	long := kind.Line(strings.Repeat("é", 5000))
	if utf8.RuneCountInString(long) != job.MaxResult || !strings.HasSuffix(long, "…") {
		t.Errorf("a long line has %d runes", utf8.RuneCountInString(long))
	}
}

func TestLineProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("\x1b[]m;0a\\\x07\n")), 0, 50, -1)).Draw(t, "text")
		got := kind.Line(in)
		if strings.ContainsAny(got, "\n\r\x1b\x00") || !utf8.ValidString(got) || kind.Line(got) != got {
			t.Fatalf("Line(%q) = %q", in, got)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add("sample", `{"must":"x","map":"A=b","number":"5","json":"[1]"}`)
	f.Add("sample", `{"map":{"a":{}},"url":"http://[::1]:1/%41"}`)
	r := registry(f, "Sample")
	f.Fuzz(func(t *testing.T, name, text string) {
		var args job.Args
		if json.Unmarshal([]byte(text), &args) != nil {
			return
		}
		canonical, stored, err := r.Check(name, args)
		if err != nil {
			return
		}
		if _, again, err := r.Check(canonical, stored); err != nil || cmp.Diff(stored, again) != "" {
			t.Errorf("stored args change when checked again: %v\n%s", err, cmp.Diff(stored, again))
		}
	})
}
