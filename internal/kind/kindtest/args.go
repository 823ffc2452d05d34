package kindtest

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// spec checks that the description is sane and that every text it stands for exists.
func (s suite) spec(t *testing.T) {
	spec := s.kind.Spec()
	if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]{1,49}$`).MatchString(spec.Name) {
		t.Errorf("name %q is no plain word", spec.Name)
	}
	if spec.Icon == "" {
		t.Error("no icon")
	}
	if diff := cmp.Diff(spec, s.kind.Spec()); diff != "" {
		t.Errorf("the spec changes between calls:\n%s", diff)
	}
	prefix := "kind." + strings.ToLower(spec.Name)
	ids := []string{prefix + ".name", prefix + ".summary"}
	seen := map[string]bool{}
	for _, p := range spec.Params {
		if seen[p.Name] || !regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`).MatchString(p.Name) {
			t.Errorf("parameter %q is named twice or badly", p.Name)
		}
		seen[p.Name] = true
		if p.Required && p.Default != nil {
			t.Errorf("parameter %s is required and has a default", p.Name)
		}
		if p.Type == job.ParamChoice && len(p.Options) == 0 {
			t.Errorf("parameter %s is a choice of nothing", p.Name)
		}
		ids = append(ids, prefix+".param."+p.Name+".label", prefix+".param."+p.Name+".help")
		for _, o := range p.Options {
			ids = append(ids, prefix+".param."+p.Name+".option."+o)
		}
		s.defaultFits(t, p)
	}
	for _, language := range Languages() {
		catalog := Catalog(t, language)
		for _, id := range ids {
			if strings.TrimSpace(catalog[id]) == "" {
				t.Errorf("catalog %s has no message %q", language, id)
			}
		}
	}
}

// defaultFits checks that a default is what normalising it makes of it.
func (s suite) defaultFits(t *testing.T, p job.Param) {
	t.Helper()
	if p.Default == nil || len(s.cases.Valid) == 0 {
		return
	}
	args := with(s.cases.Valid[0], p.Name, p.Default)
	_, stored, err := s.reg.Check(s.kind.Spec().Name, args)
	if err != nil {
		t.Errorf("default of %s is refused: %v", p.Name, err)
	} else if diff := cmp.Diff(p.Default, stored[p.Name]); diff != "" {
		t.Errorf("default of %s is not in its JSON form:\n%s", p.Name, diff)
	}
}

func (s suite) valid(t *testing.T) {
	if len(s.cases.Valid) == 0 {
		t.Fatal("the suite needs valid args")
	}
	name := s.kind.Spec().Name
	for _, args := range slices.Concat(s.cases.Valid, s.cases.Failing) {
		canonical, stored, err := s.reg.Check(strings.ToUpper(name), args)
		if err != nil || canonical != name {
			t.Errorf("Check(%v) = %q, %v", args, canonical, err)
			continue
		}
		s.stable(t, stored)
	}
}

// stable checks that stored args survive JSON and another check, and have a summary.
func (s suite) stable(t interface {
	Errorf(format string, args ...any)
}, stored job.Args) {
	raw, err := json.Marshal(stored)
	if err != nil {
		t.Errorf("stored args are no JSON: %v", err)
		return
	}
	again := job.Args{}
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Errorf("stored args do not come back: %v", err)
	}
	name := s.kind.Spec().Name
	_, restored, err := s.reg.Check(name, again)
	if err != nil {
		t.Errorf("stored args %s are refused: %v", raw, err)
	}
	if diff := cmp.Diff(stored, restored); diff != "" {
		t.Errorf("stored args change when checked again:\n%s", diff)
	}
	summary := s.reg.Summary(name, stored)
	if summary == "" || strings.ContainsAny(summary, "\n\r\x00\x1b") {
		t.Errorf("summary of %s is no plain line: %q", raw, summary)
	}
}

func (s suite) mistyped(t *testing.T) {
	name := s.kind.Spec().Name
	refuse := func(param string, value any) {
		t.Helper()
		_, _, err := s.reg.Check(name, with(s.cases.Valid[0], param, value))
		var e *apperr.Error
		if !errors.As(err, &e) || e.Kind != apperr.Invalid || e.Fields["args."+param].Msg == "" {
			t.Errorf("%s = %#v: error %v, want a fault under args.%s", param, value, err, param)
		}
	}
	refuse("noSuchParameter", "x")
	for _, p := range s.kind.Spec().Params {
		for _, wrong := range wrongFor(p) {
			refuse(p.Name, wrong)
		}
		if p.Required {
			refuse(p.Name, nil)
			refuse(p.Name, "")
		}
	}
}

// wrongFor returns values that cannot be the parameter's.
func wrongFor(p job.Param) []any {
	texts := []any{true, 1.0, []any{"x"}, map[string]any{"a": "b"}, "\xff", "a\x00b", strings.Repeat("x", 300<<10)}
	switch p.Type {
	case job.ParamNumber:
		wrong := []any{true, "x", "1.5", 1.5, []any{}, map[string]any{}, 1e300}
		if p.Min != 0 || p.Max != 0 {
			wrong = append(wrong, float64(p.Min-1), float64(p.Max+1))
		}
		return wrong
	case job.ParamBoolean:
		return []any{"perhaps", 1.0, []any{}}
	case job.ParamMap:
		return []any{true, 1.0, []any{"x"}, "no separator", "{not json", map[string]any{"a": []any{}}, map[string]any{"": "x"}, "A=\x00"}
	case job.ParamJSON:
		return []any{"{", "\xff"}
	case job.ParamURL:
		return append(texts, "example.com", "ftp://example.com", "http://", "http://a b/", "javascript:alert(1)", "http://h:99999/")
	case job.ParamChoice:
		return append(texts, "no such option")
	case job.ParamText:
		return append(texts, "two\nlines")
	default:
		return texts
	}
}

// random checks that nothing whatever makes the kind panic, and that what is accepted
// is stable.
func (s suite) random(t *testing.T) {
	spec := s.kind.Spec()
	names := []string{"unknown", ""}
	for _, p := range spec.Params {
		names = append(names, p.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		args := job.Args{}
		if rapid.Bool().Draw(t, "from valid") {
			args = with(s.cases.Valid[0], "", nil)
		}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 4).Draw(t, "names") {
			args[name] = anyValue().Draw(t, "value")
		}
		_ = s.kind.Check(args) // also without the registry before it
		_ = s.kind.Summary(args)
		if _, stored, err := s.reg.Check(spec.Name, args); err == nil {
			s.stable(t, stored)
		} else if !apperr.Is(err, apperr.Invalid) {
			t.Errorf("Check(%v) = %v, want an invalid error", args, err)
		}
	})
}

func anyValue() *rapid.Generator[any] {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", " ", "30", "-1", "true", "{}", "[1]", `"x"`, "null", "A=b", "A: b", "http://[::1]:80/%zz", "http://x", "\xff", "a\x00", "200-100", "\x1b[31m", "#!", "#!/bin/sh",
	})).AsAny()
	scalar := rapid.OneOf(text, rapid.Float64().AsAny(), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.Just[any](nil))
	return rapid.OneOf(scalar,
		rapid.SliceOfN(scalar, 0, 3).AsAny(),
		rapid.MapOfN(rapid.String(), scalar, 0, 3).AsAny(),
	)
}

// with returns a copy of args with one more value; a "" name adds nothing.
func with(args job.Args, name string, value any) job.Args {
	c := job.Args{}
	maps.Copy(c, args)
	if name != "" {
		c[name] = value
	}
	return c
}
