package job

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"carillon/internal/apperr"
)

// Lengths, in runes.
const (
	MaxName        = 100
	MaxGroup       = 100
	MaxDescription = 255
	MaxOwner       = 100
	MaxTag         = 50
	MaxTags        = 20 // number of tags
	MaxNode        = 128
	MaxKind        = 1000
)

// MaxSpan is the longest span of any policy or interval: ten years.
const MaxSpan Seconds = 10 * 366 * 24 * 60 * 60

// MaxJitter is the greatest jitter: one day.
const MaxJitter Seconds = 24 * 60 * 60

// Defaults of a definition that leaves the field empty.
const (
	DefaultGrace      Seconds = 60
	DefaultMisfireCap         = 10
)

const (
	maxNumber = 1_000_000_000 // greatest count of anything
	maxYear   = 9999
)

// Validate returns the definition in its stored form (trimmed, defaults filled in,
// times in UTC and whole seconds) or an apperr Invalid whose fields are named as the
// form names them. zone is the server's. That the kind exists, and its args, are
// checked by the registry of kinds.
func Validate(def Definition, now time.Time, zone *time.Location) (Definition, error) {
	v := validator{Definition: def.normalised()}
	v.about()
	v.policies()
	v.schedule(now, zone)
	return v.Definition, v.faults.Err()
}

// validator gathers the faults of one definition.
type validator struct {
	Definition
	faults apperr.Faults
}

func (v *validator) about() {
	v.required("name", v.Name)
	v.required("group", v.Group)
	v.required("kind", v.Kind)
	v.text("name", v.Name, MaxName, false)
	v.text("group", v.Group, MaxGroup, false)
	v.text("kind", v.Kind, MaxKind, false)
	v.text("owner", v.Owner, MaxOwner, false)
	v.text("node", v.Node, MaxNode, false)
	v.text("description", v.Description, MaxDescription, true)
	if len(v.Tags) > MaxTags {
		v.faults.Add("tags", "error.job.tags_many", "max", MaxTags)
	}
	for _, tag := range v.Tags {
		v.text("tags", tag, MaxTag, false)
	}
}

func (v *validator) required(field, s string) {
	if s == "" {
		v.faults.Add(field, "error.job."+field+"_required")
	}
}

// text checks length and content; only texts of several lines may hold line ends and tabs.
func (v *validator) text(field, s string, limit int, lines bool) {
	switch {
	case !storable(s) || strings.ContainsFunc(s, func(r rune) bool { return unprintable(r) && !(lines && (r == '\n' || r == '\t')) }):
		v.faults.Add(field, "error.job.text_control")
	case utf8.RuneCountInString(s) > limit:
		v.faults.Add(field, "error.job.text_long", "max", limit)
	}
}

// unprintable reports whether a character is a control character, or one that turns the
// direction of writing, with which a name could be made to look like another.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

func (v *validator) policies() {
	v.number("max_count", int64(v.MaxCount), 0, maxNumber)
	v.number("max_tries", int64(v.MaxTries), 0, maxNumber)
	v.number("retry.limit", int64(v.Retry.Limit), -1, maxNumber)
	v.number("retry.delay", int64(v.Retry.Delay), 0, int64(MaxSpan))
	v.number("retry.max_delay", int64(v.Retry.MaxDelay), 0, int64(MaxSpan))
	v.number("timeout", int64(v.Timeout), 0, int64(MaxSpan))
	v.number("lock_timeout", int64(v.LockTimeout), 0, int64(MaxSpan))
	v.number("grace", int64(v.Grace), 1, int64(MaxSpan))
	v.number("misfire_cap", int64(v.MisfireCap), 1, MaxMisfireCap)
	v.number("retention.keep_runs", int64(v.Retention.KeepRuns), 0, maxNumber)
	v.number("retention.keep_days", int64(v.Retention.KeepDays), 0, 36_500)
	v.number("retention.keep_failed_days", int64(v.Retention.KeepFailedDays), 0, 36_500)
	if f := v.Retry.Factor; !(f >= 1 && f <= 100) { // also not a number
		v.faults.Add("retry.factor", "error.job.number_range", "min", 1, "max", 100)
	}
	if v.Retry.Limit == -1 && v.Retry.Delay == 0 {
		v.faults.Add("retry.delay", "error.job.retry_without_end")
	}
	if !slices.Contains(Priorities(), v.Priority) {
		v.faults.Add("priority", "error.job.choice")
	}
	if !slices.Contains(Overlaps(), v.Overlap) {
		v.faults.Add("overlap", "error.job.choice")
	}
	if !slices.Contains(Misfires(), v.Misfire) {
		v.faults.Add("misfire", "error.job.choice")
	}
}

func (v *validator) number(field string, n, low, high int64) {
	if n < low || n > high {
		v.faults.Add(field, "error.job.number_range", "min", low, "max", high)
	}
}

// schedule checks the fields one by one, then whether they go together.
func (v *validator) schedule(now time.Time, zone *time.Location) {
	s, before := v.Schedule, v.faults.Len()
	v.number("schedule.jitter", int64(s.Jitter), 0, int64(MaxJitter))
	v.date("schedule.begin_at", s.BeginAt)
	v.date("schedule.end_at", s.EndAt)
	if _, err := LoadZone(s.Zone, zone); err != nil {
		_ = v.faults.Merge("", err) // it is nothing but faults
		s.Zone = ""
	}
	if !s.BeginAt.IsZero() && !s.EndAt.IsZero() && s.EndAt.Before(s.BeginAt) {
		v.faults.Add("schedule.end_at", "error.job.end_before_begin")
	}
	plan, err := s.Anchored(now).Compile(zone)
	if err != nil {
		_ = v.faults.Merge("", err)
	}
	if v.faults.Len() > before || s.EndAt.IsZero() {
		return
	}
	if _, ok := plan.Last(s.EndAt); !ok {
		v.faults.Add("schedule.end_at", "error.job.end_before_first")
	}
}

// date refuses years that are surely a slip or that not every format can express.
func (v *validator) date(field string, t time.Time) {
	if !t.IsZero() && (t.Year() < yearMin || t.Year() > maxYear) {
		v.faults.Add(field, "error.job.date_range", "min", yearMin, "max", maxYear)
	}
}
