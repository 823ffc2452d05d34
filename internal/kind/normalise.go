package kind

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Bounds of what a job may carry along.
const (
	// MaxArgs is the most bytes that all args together may take as JSON.
	MaxArgs = 256 << 10
	// MaxText is the most bytes of a text whose parameter names no bound.
	MaxText = 64 << 10
	// maxUnknown is how many unknown parameters are named in one answer.
	maxUnknown = 20
)

// fault is what is wrong with one value: a message id and its placeholders.
type fault struct {
	msg string
	kv  []any
}

func bad(msg string, kv ...any) *fault { return &fault{msg: msg, kv: kv} }

// normalise checks args against the spec and returns them as they are to be stored.
func normalise(spec job.KindSpec, args job.Args, faults *apperr.Faults) job.Args {
	stored := job.Args{}
	for _, p := range spec.Params {
		value, flt := coerce(p, args[p.Name])
		switch {
		case flt != nil:
			faults.Add("args."+p.Name, flt.msg, flt.kv...)
		case value != nil:
			stored[p.Name] = value
		case p.Required:
			faults.Add("args."+p.Name, "error.kind.param_required")
		}
	}
	refuseUnknown(spec, args, faults)
	if raw, err := json.Marshal(stored); err != nil || len(raw) > MaxArgs {
		faults.Add("args", "error.kind.too_large", "max", MaxArgs>>10)
	}
	return stored
}

func refuseUnknown(spec job.KindSpec, args job.Args, faults *apperr.Faults) {
	left := maxUnknown
	for _, name := range slices.Sorted(maps.Keys(args)) {
		known := slices.ContainsFunc(spec.Params, func(p job.Param) bool { return p.Name == name })
		if known || left == 0 {
			continue
		}
		left--
		faults.Add("args."+Cut(name, 100), "error.kind.param_unknown", "param", Cut(Line(name), 100), "kind", spec.Name)
	}
}

// coerce returns v as the parameter's JSON type; nil stands for "not given".
func coerce(p job.Param, v any) (any, *fault) {
	if v == nil {
		return nil, nil
	}
	if flt := checkStrings(v, 0); flt != nil {
		return nil, flt
	}
	switch p.Type {
	case job.ParamText, job.ParamArea, job.ParamCode, job.ParamURL, job.ParamChoice:
		return coerceText(p, v)
	case job.ParamNumber:
		return coerceNumber(p, v)
	case job.ParamBoolean:
		return coerceBoolean(v)
	case job.ParamMap:
		return coerceMap(p, v)
	case job.ParamJSON:
		return coerceJSON(p, v)
	default:
		return nil, bad("error.kind.param_type", "type", string(p.Type))
	}
}

// maxDepth bounds nested values; nothing sensible is deeper.
const maxDepth = 64

// checkStrings refuses invalid UTF-8 and NUL anywhere in v: databases and operating
// systems refuse them too, later and with less clear words.
func checkStrings(v any, depth int) *fault {
	if depth > maxDepth {
		return bad("error.kind.param_json")
	}
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return bad("error.kind.param_utf8")
		}
		if strings.ContainsRune(v, 0) {
			return bad("error.kind.param_nul")
		}
	case []any:
		for _, e := range v {
			if flt := checkStrings(e, depth+1); flt != nil {
				return flt
			}
		}
	case map[string]any:
		for k, e := range v {
			if flt := checkStrings(k, depth+1); flt != nil {
				return flt
			}
			if flt := checkStrings(e, depth+1); flt != nil {
				return flt
			}
		}
	case map[string]string:
		for k, e := range v {
			if flt := checkStrings(k+e, depth+1); flt != nil {
				return flt
			}
		}
	}
	return nil
}
