package job

import (
	"fmt"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// MaxCron is the greatest length of cron text, in bytes.
const MaxCron = 120

// searchYears bounds the search for an occurrence. It spans all years that a year
// field may name, and the 40 years that 29 February can need to fall on a given
// weekday across 2100.
const searchYears = 130

// pattern is parsed cron text. It knows wall times only, no zone.
type pattern struct {
	spec *cron.SpecSchedule
	// real patterns follow real time through a change of the clocks, because their
	// hour field says "every"; others are fixed wall-clock times.
	real bool
}

// parseCron reads cron text:
//
//	[second] minute hour day-of-month month day-of-week
//	second minute hour day-of-month month day-of-week year
//
// A field is a list of values, names, ranges and steps. Besides, days of the month
// may be L (the last), L-3, 15W (the weekday nearest to the 15th) and LW, and days of
// the week FRI#3 (the third Friday) and FRI#L or FRIL (the last one). "?" is "*".
// Days of the week count from 0 or 7 = Sunday, as in cron and unlike Quartz, where 1
// is Sunday; names mean the same in both. If days of the month and days of the week
// are both restricted (neither starts with "*" or "?"), either one suffices, as in
// cron. The macros @hourly, @daily, @midnight, @weekly, @monthly, @yearly and
// @annually are understood.
//
// Text that can never fire is refused. Errors are apperr Invalid on "schedule.cron".
func parseCron(text string) (pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return pattern{}, cronFault("error.job.cron_required", nil, nil)
	case len(text) > MaxCron:
		return pattern{}, cronFault("error.job.cron_long", map[string]any{"max": MaxCron}, nil)
	}
	if msg := refusedPrefix(text); msg != "" {
		return pattern{}, cronFault(msg, nil, nil)
	}
	if strings.HasPrefix(text, "@") {
		expanded, ok := macro(text)
		if !ok {
			return pattern{}, cronFault("error.job.cron_macro", map[string]any{"item": text}, nil)
		}
		text = expanded
	}
	fields, err := cleanFields(strings.Fields(strings.ToUpper(text)))
	if err != nil {
		return pattern{}, err
	}
	spec, err := parseSpec(strings.ToLower(strings.Join(fields, " "))) // the parser takes the H of THU for a hash
	if err != nil {
		return pattern{}, cronFault("error.job.cron_unreadable", nil, err)
	}
	spec.DowOrDom = restricted(fields[3]) && restricted(fields[5])
	p := pattern{spec: spec, real: everyHour(fields[2])}
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if fields[6] != "*" {
		start = time.Date(yearMin, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if _, ok := p.next(start.Unix() - 1); !ok {
		return pattern{}, cronFault("error.job.cron_never", nil, nil)
	}
	return p, nil
}

// refusedPrefix returns the message for text that other programs understand and that is said elsewhere here.
func refusedPrefix(text string) string {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(lower, "tz=") || strings.HasPrefix(lower, "cron_tz="):
		return "error.job.cron_zone_prefix"
	case strings.HasPrefix(lower, "@every"):
		return "error.job.cron_every"
	case lower == "@reboot":
		return "error.job.cron_reboot"
	default:
		return ""
	}
}

func macro(text string) (string, bool) {
	switch strings.ToLower(text) {
	case "@hourly":
		return "0 * * * *", true
	case "@daily", "@midnight":
		return "0 0 * * *", true
	case "@weekly":
		return "0 0 * * 0", true
	case "@monthly":
		return "0 0 1 * *", true
	case "@yearly", "@annually":
		return "0 0 1 1 *", true
	default:
		return "", false
	}
}

// cleanFields returns the seven fields, checked.
func cleanFields(fields []string) ([]string, error) {
	switch n := len(fields); n {
	case 5:
		fields = append(append([]string{"0"}, fields...), "*")
	case 6:
		fields = append(fields, "*")
	case 7:
	default:
		return nil, cronFault("error.job.cron_fields", map[string]any{"found": n}, nil)
	}
	for i, f := range cronFields() {
		clean, bad, ok := f.clean(fields[i])
		if !ok {
			args := map[string]any{"item": bad, "min": f.min, "max": f.max}
			return nil, cronFault("error.job.cron_field."+f.name, args, nil)
		}
		fields[i] = clean
	}
	return fields, nil
}

// parseSpec calls the parser. Checked text is not known to upset it; a panic is
// turned into an error all the same, since the text comes from people.
func parseSpec(text string) (spec *cron.SpecSchedule, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cron parser panicked: %v", p)
		}
	}()
	const options = cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Year | cron.Extended
	parser, err := cron.TryNewParser(options)
	if err != nil {
		return nil, fmt.Errorf("configure cron parser: %w", err)
	}
	parsed, err := parser.WithMaxSearchYears(searchYears).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parse cron text: %w", err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron parser returned a %T", parsed)
	}
	spec.Location = time.UTC
	return spec, nil
}

// restricted reports whether a field of days restricts them, in cron's sense.
func restricted(field string) bool {
	return !strings.HasPrefix(field, "*") && !strings.HasPrefix(field, "?")
}

// everyHour reports whether an hour field says "every hour" or "every n hours".
func everyHour(field string) bool {
	base, _, stepped := strings.Cut(field, "/")
	switch base {
	case "*", "?", "0-23":
		return true
	case "0", "00":
		return stepped
	default:
		return false
	}
}

func cronFault(msg string, args map[string]any, cause error) error {
	return scheduleFault("schedule.cron", msg, args, cause)
}
