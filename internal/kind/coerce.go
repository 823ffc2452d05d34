package kind

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"carillon/internal/job"
)

// maxWhole is the largest number that JSON readers everywhere keep exactly.
const maxWhole = 1 << 53

func coerceText(p job.Param, v any) (any, *fault) {
	s, ok := v.(string)
	if !ok {
		return nil, bad("error.kind.param_text")
	}
	if p.Type == job.ParamArea || p.Type == job.ParamCode {
		// Browsers send CRLF from text areas; shells and most readers want LF.
		s = strings.ReplaceAll(s, "\r\n", "\n")
	} else {
		s = strings.TrimSpace(s)
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	longest := p.MaxLength
	if longest == 0 {
		longest = MaxText
	}
	if len(s) > longest {
		return nil, bad("error.kind.param_too_long", "max", longest)
	}
	switch p.Type {
	case job.ParamText:
		if strings.ContainsFunc(s, unicode.IsControl) {
			return nil, bad("error.kind.param_one_line")
		}
	case job.ParamURL:
		return s, checkURL(s)
	case job.ParamChoice:
		i := slices.IndexFunc(p.Options, func(o string) bool { return strings.EqualFold(o, s) })
		if i < 0 {
			return nil, bad("error.kind.param_choice", "options", strings.Join(p.Options, ", "))
		}
		return p.Options[i], nil
	}
	return s, nil
}

func checkURL(s string) *fault {
	u, err := url.Parse(s)
	switch {
	case err != nil, strings.ContainsFunc(s, unicode.IsControl), strings.ContainsFunc(s, unicode.IsSpace):
		return bad("error.kind.param_url")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("error.kind.param_url_scheme")
	case u.Hostname() == "":
		return bad("error.kind.param_url_host")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return bad("error.kind.param_url")
		}
	}
	return nil
}

// coerceNumber returns a float64, which is what a number is again after a trip through JSON.
func coerceNumber(p job.Param, v any) (any, *fault) {
	var n float64
	switch v := v.(type) {
	case float64:
		n = v
	case int:
		n = float64(v)
	case int64:
		n = float64(v)
	case json.Number:
		return coerceNumber(p, v.String())
	case string:
		s := strings.TrimSpace(v)
		if s == "" {
			return nil, nil
		}
		whole, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, bad("error.kind.param_number")
		}
		n = float64(whole)
	default:
		return nil, bad("error.kind.param_number")
	}
	if n != math.Trunc(n) || math.Abs(n) > maxWhole || math.IsNaN(n) {
		return nil, bad("error.kind.param_number")
	}
	if bounded := p.Min != 0 || p.Max != 0; bounded && (n < float64(p.Min) || n > float64(p.Max)) {
		return nil, bad("error.kind.param_range", "min", p.Min, "max", p.Max)
	}
	return n + 0, nil // turns -0 into 0
}

func coerceBoolean(v any) (any, *fault) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "":
			return nil, nil
		case "true", "on":
			return true, nil
		case "false", "off":
			return false, nil
		}
	}
	return nil, bad("error.kind.param_boolean")
}

// coerceJSON takes text as JSON text. JSON text of a string stays as it is, so that
// checking what was stored decodes nothing a second time.
func coerceJSON(p job.Param, v any) (any, *fault) {
	if s, ok := v.(string); ok {
		s = strings.TrimSpace(s)
		if s == "" {
			return nil, nil
		}
		var decoded any
		if json.Unmarshal([]byte(s), &decoded) != nil {
			return nil, bad("error.kind.param_json")
		}
		if _, isText := decoded.(string); isText {
			return s, nil
		}
		v = decoded
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, bad("error.kind.param_json")
	}
	longest := p.MaxLength
	if longest == 0 {
		longest = MaxText
	}
	if len(raw) > longest {
		return nil, bad("error.kind.param_too_long", "max", longest)
	}
	var plain any
	if json.Unmarshal(raw, &plain) != nil {
		return nil, bad("error.kind.param_json")
	}
	if flt := checkStrings(plain, 0); flt != nil {
		return nil, flt
	}
	return plain, nil
}
