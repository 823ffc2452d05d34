package jobfile

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"carillon/internal/job"
)

// field is one key of a job: how it is written and how it is read.
type field struct {
	key string
	// write returns the value; nil leaves the key out, because it is the default.
	write func(e *Entry) *yaml.Node
	read  func(r *reader, n *yaml.Node, e *Entry)
}

// fields lists the keys of a job in the order of the file.
func fields() []field {
	return []field{
		textField("group", func(e *Entry) *string { return &e.Definition.Group }),
		textField("name", func(e *Entry) *string { return &e.Definition.Name }),
		textField("description", func(e *Entry) *string { return &e.Definition.Description }),
		textField("owner", func(e *Entry) *string { return &e.Definition.Owner }),
		tagsField(),
		enabledField(),
		scheduleField(),
		textField("kind", func(e *Entry) *string { return &e.Definition.Kind }),
		argsField(),
		spanField("timeout", func(e *Entry) *job.Seconds { return &e.Definition.Timeout }),
		nested("retry", retryFields()),
		choiceField("overlap", func(e *Entry) *job.Overlap { return &e.Definition.Overlap }),
		choiceField("misfire", func(e *Entry) *job.Misfire { return &e.Definition.Misfire }),
		numberField("misfire_cap", func(e *Entry) *int { return &e.Definition.MisfireCap }),
		spanField("grace", func(e *Entry) *job.Seconds { return &e.Definition.Grace }),
		numberField("max_count", func(e *Entry) *int { return &e.Definition.MaxCount }),
		numberField("max_tries", func(e *Entry) *int { return &e.Definition.MaxTries }),
		spanField("lock_timeout", func(e *Entry) *job.Seconds { return &e.Definition.LockTimeout }),
		priorityField(),
		textField("node", func(e *Entry) *string { return &e.Definition.Node }),
		nested("retention", []field{
			numberField("keep_runs", func(e *Entry) *int { return &e.Definition.Retention.KeepRuns }),
			numberField("keep_days", func(e *Entry) *int { return &e.Definition.Retention.KeepDays }),
			numberField("keep_failed_days", func(e *Entry) *int { return &e.Definition.Retention.KeepFailedDays }),
		}),
	}
}

func retryFields() []field {
	return []field{
		numberField("limit", func(e *Entry) *int { return &e.Definition.Retry.Limit }),
		spanField("delay", func(e *Entry) *job.Seconds { return &e.Definition.Retry.Delay }),
		{
			key: "factor",
			write: func(e *Entry) *yaml.Node {
				if e.Definition.Retry.Factor == defaults().Definition.Retry.Factor {
					return nil
				}
				return scalar(e.Definition.Retry.Factor)
			},
			read: func(r *reader, n *yaml.Node, e *Entry) {
				if err := n.Decode(&e.Definition.Retry.Factor); err != nil || n.Kind != yaml.ScalarNode {
					r.faultf(n, "“factor” must be a number such as 1.5.")
				}
			},
		},
		spanField("max_delay", func(e *Entry) *job.Seconds { return &e.Definition.Retry.MaxDelay }),
	}
}

// defaults is an entry that says nothing.
func defaults() Entry { return Entry{Enabled: true, Definition: job.Defaults()} }

func textField(key string, at func(e *Entry) *string) field {
	return field{
		key: key,
		write: func(e *Entry) *yaml.Node {
			if *at(e) == "" {
				return nil
			}
			return text(*at(e))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) { *at(e) = r.text(key, n) },
	}
}

func choiceField[T ~string](key string, at func(e *Entry) *T) field {
	return field{
		key: key,
		write: func(e *Entry) *yaml.Node {
			unset := defaults()
			if *at(e) == *at(&unset) {
				return nil
			}
			return text(string(*at(e)))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) { *at(e) = T(r.text(key, n)) },
	}
}

func numberField(key string, at func(e *Entry) *int) field {
	return field{
		key: key,
		write: func(e *Entry) *yaml.Node {
			unset := defaults()
			if *at(e) == *at(&unset) {
				return nil
			}
			return scalar(*at(e))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) {
			v, err := strconv.Atoi(n.Value)
			if n.Kind != yaml.ScalarNode || err != nil {
				r.faultf(n, "“%s” must be a whole number.", key)
				return
			}
			*at(e) = v
		},
	}
}

func spanField(key string, at func(e *Entry) *job.Seconds) field {
	return field{
		key: key,
		write: func(e *Entry) *yaml.Node {
			unset := defaults()
			if *at(e) == *at(&unset) {
				return nil
			}
			return text(formatSpan(*at(e)))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) { *at(e) = r.span(key, n) },
	}
}

func tagsField() field {
	return field{
		key: "tags",
		write: func(e *Entry) *yaml.Node {
			if len(e.Definition.Tags) == 0 {
				return nil
			}
			list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
			for _, tag := range e.Definition.Tags {
				list.Content = append(list.Content, text(tag))
			}
			return list
		},
		read: func(r *reader, n *yaml.Node, e *Entry) {
			if n.Kind != yaml.SequenceNode {
				r.faultf(n, "“tags” must be a list.")
				return
			}
			for _, tag := range n.Content {
				e.Definition.Tags = append(e.Definition.Tags, r.text("tags", tag))
			}
		},
	}
}

func enabledField() field {
	return field{
		key: "enabled",
		write: func(e *Entry) *yaml.Node {
			if e.Enabled {
				return nil
			}
			return scalar(false)
		},
		read: func(r *reader, n *yaml.Node, e *Entry) {
			if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(&e.Enabled) != nil {
				r.faultf(n, "“enabled” must be true or false.")
			}
		},
	}
}

func argsField() field {
	return field{
		key: "args",
		write: func(e *Entry) *yaml.Node {
			if len(e.Definition.Args) == 0 {
				return nil
			}
			return value(map[string]any(e.Definition.Args))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) {
			args, ok := r.value(n).(map[string]any)
			if !ok {
				r.faultf(n, "“args” must be a list of names and values.")
			}
			e.Definition.Args = args
		},
	}
}

// priorities are the words for priorities.
func priorities() map[string]job.Priority {
	return map[string]job.Priority{
		"low": job.Low, "below_normal": job.BelowNormal, "normal": job.Normal, "above_normal": job.AboveNormal, "high": job.High,
	}
}

func priorityField() field {
	return field{
		key: "priority",
		write: func(e *Entry) *yaml.Node {
			if e.Definition.Priority == defaults().Definition.Priority {
				return nil
			}
			for word, p := range priorities() {
				if p == e.Definition.Priority {
					return text(word)
				}
			}
			return scalar(int(e.Definition.Priority))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) {
			p, ok := priorities()[n.Value]
			if n.Kind != yaml.ScalarNode || !ok {
				r.faultf(n, "“priority” must be one of %s.", words(slices.Sorted(maps.Keys(priorities()))))
				return
			}
			e.Definition.Priority = p
		},
	}
}

// nested is a key that holds keys of its own. It is left out if all of them are.
func nested(key string, inner []field) field {
	return field{
		key: key,
		write: func(e *Entry) *yaml.Node {
			if m := mapping(inner, e); len(m.Content) > 0 {
				return m
			}
			return nil
		},
		read: func(r *reader, n *yaml.Node, e *Entry) { r.mapping(key, n, inner, e) },
	}
}

// scheduleField holds one of cron, every and at, which tells the type, and what goes with it.
func scheduleField() field {
	inner := []field{
		{
			key: "cron",
			write: func(e *Entry) *yaml.Node {
				if e.Definition.Schedule.Type != job.Cron {
					return nil
				}
				return text(e.Definition.Schedule.Cron)
			},
			read: func(r *reader, n *yaml.Node, e *Entry) {
				e.Definition.Schedule.Type, e.Definition.Schedule.Cron = job.Cron, r.text("cron", n)
			},
		},
		{
			key: "every",
			write: func(e *Entry) *yaml.Node {
				if e.Definition.Schedule.Type != job.Interval {
					return nil
				}
				return text(formatSpan(e.Definition.Schedule.Every))
			},
			read: func(r *reader, n *yaml.Node, e *Entry) {
				e.Definition.Schedule.Type, e.Definition.Schedule.Every = job.Interval, r.span("every", n)
			},
		},
		timeField("at", func(s job.Schedule) bool { return s.Type == job.Once }, func(s *job.Schedule) *time.Time { return &s.BeginAt }),
		textField("zone", func(e *Entry) *string { return &e.Definition.Schedule.Zone }),
		timeField("begin", func(s job.Schedule) bool { return s.Type != job.Once }, func(s *job.Schedule) *time.Time { return &s.BeginAt }),
		timeField("end", func(job.Schedule) bool { return true }, func(s *job.Schedule) *time.Time { return &s.EndAt }),
		spanField("jitter", func(e *Entry) *job.Seconds { return &e.Definition.Schedule.Jitter }),
	}
	f := nested("schedule", inner)
	f.read = func(r *reader, n *yaml.Node, e *Entry) {
		e.Definition.Schedule.Type = ""
		r.mapping("schedule", n, inner, e)
		r.scheduleType(n, e)
	}
	return f
}

// timeField is a time, written in the zone of the schedule, or in UTC if it names none.
func timeField(key string, belongs func(s job.Schedule) bool, at func(s *job.Schedule) *time.Time) field {
	return field{
		key: key,
		write: func(e *Entry) *yaml.Node {
			s := e.Definition.Schedule
			if !belongs(s) || at(&s).IsZero() {
				return nil
			}
			zone, err := job.LoadZone(s.Zone, time.UTC)
			if err != nil {
				zone = time.UTC
			}
			return text(at(&s).In(zone).Format(time.RFC3339))
		},
		read: func(r *reader, n *yaml.Node, e *Entry) {
			*at(&e.Definition.Schedule) = r.time(key, n)
			if key == "at" {
				e.Definition.Schedule.Type = job.Once
			}
		},
	}
}
