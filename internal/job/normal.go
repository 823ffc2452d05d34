package job

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Defaults returns an empty definition with the defaults filled in, for a new form.
func Defaults() Definition {
	return Definition{Schedule: Schedule{Type: Cron}}.normalised()
}

func (d Definition) normalised() Definition {
	d.Group, d.Name, d.Owner = strings.TrimSpace(d.Group), strings.TrimSpace(d.Name), strings.TrimSpace(d.Owner)
	d.Kind, d.Node = strings.TrimSpace(d.Kind), strings.TrimSpace(d.Node)
	d.Description = strings.TrimSpace(strings.ReplaceAll(d.Description, "\r\n", "\n"))
	tags := []string{}
	for _, tag := range d.Tags {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	d.Tags = tags
	if d.Args == nil {
		d.Args = Args{}
	}
	d.Priority = cmp.Or(d.Priority, Normal)
	d.Overlap = cmp.Or(d.Overlap, OverlapSkip)
	d.Misfire = cmp.Or(d.Misfire, MisfireRunOnce)
	d.Grace = cmp.Or(d.Grace, DefaultGrace)
	d.MisfireCap = cmp.Or(d.MisfireCap, DefaultMisfireCap)
	d.Retry.Factor = cmp.Or(d.Retry.Factor, 1)
	d.Schedule = d.Schedule.normalised()
	return d
}

// normalised drops what does not belong to the type, so that equal schedules look equal.
func (s Schedule) normalised() Schedule {
	s.Cron, s.Zone = strings.Join(strings.Fields(s.Cron), " "), strings.TrimSpace(s.Zone)
	if s.Type != Cron {
		s.Cron = ""
	}
	if s.Type != Interval {
		s.Every = 0
	}
	s.BeginAt, s.EndAt = wholeSecond(s.BeginAt), wholeSecond(s.EndAt)
	return s
}

func wholeSecond(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}
