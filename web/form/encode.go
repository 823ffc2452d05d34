package form

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"carillon/internal/job"
	"carillon/views/page"
)

// localTime is how an <input type="datetime-local"> writes a time.
const localTime = "2006-01-02T15:04:05"

// LocalTime returns the text of a time field; "" for no time.
func LocalTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(orUTC(zone)).Format(localTime)
}

// ParseLocalTime reads the text of a time field, with or without seconds. A time that
// the zone leaves out, because clocks go forward, is read as one next to it.
func ParseLocalTime(text string, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{localTime, "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(text), orUTC(zone)); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

// Encode returns the fields of a form that shows the definition.
func Encode(def job.Definition, server *time.Location) url.Values {
	zone, err := job.LoadZone(def.Schedule.Zone, server)
	if err != nil {
		zone = server
	}
	v := url.Values{}
	for name, text := range map[string]string{
		"group": def.Group, "name": def.Name, "description": def.Description, "owner": def.Owner,
		"tags": strings.Join(def.Tags, ", "), "kind": def.Kind, "node": def.Node,
		"schedule.type": string(def.Schedule.Type), "schedule.cron": def.Schedule.Cron, "schedule.zone": def.Schedule.Zone,
		"schedule.every":    page.SpanText(def.Schedule.Every),
		"schedule.jitter":   page.SpanText(def.Schedule.Jitter),
		"schedule.begin_at": LocalTime(def.Schedule.BeginAt, zone),
		"schedule.end_at":   LocalTime(def.Schedule.EndAt, zone),
		"max_count":         number(def.MaxCount), "max_tries": number(def.MaxTries),
		"retry.limit": number(def.Retry.Limit), "retry.delay": page.SpanText(def.Retry.Delay),
		"retry.factor":    strconv.FormatFloat(def.Retry.Factor, 'g', -1, 64),
		"retry.max_delay": page.SpanText(def.Retry.MaxDelay),
		"timeout":         page.SpanText(def.Timeout), "lock_timeout": page.SpanText(def.LockTimeout),
		"overlap": string(def.Overlap), "priority": number(int(def.Priority)),
		"misfire": string(def.Misfire), "grace": page.SpanText(def.Grace), "misfire_cap": number(def.MisfireCap),
		"retention.keep_runs": number(def.Retention.KeepRuns), "retention.keep_days": number(def.Retention.KeepDays),
		"retention.keep_failed_days": number(def.Retention.KeepFailedDays),
	} {
		v.Set(name, text)
	}
	for name, value := range def.Args {
		v.Set("args."+name, ArgText(value))
	}
	return v
}

// number prints a count; 0, which means "none", is an empty field.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// ArgText returns the text of a parameter's field.
func ArgText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool:
		if value {
			return "true"
		}
		return "false"
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case map[string]any:
		if text, ok := lines(value); ok {
			return text
		}
	}
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(raw)
}

// lines prints an object of texts as lines "KEY=value"; false if some entry would not
// be read back as it is.
func lines(m map[string]any) (string, bool) {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		value, ok := m[key].(string)
		if !ok || strings.ContainsAny(key, "=:\r\n{") || strings.ContainsAny(value, "\r\n") ||
			key == "" || strings.TrimSpace(key) != key {
			return "", false
		}
		b.WriteString(key + "=" + value + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n"), true
}
