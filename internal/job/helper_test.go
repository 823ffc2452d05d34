package job_test

import (
	"errors"
	"strings"
	"time"
	_ "time/tzdata"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func cronIn(text, zone string) job.Schedule {
	return job.Schedule{Type: job.Cron, Cron: text, Zone: zone}
}

func compile(t interface {
	Helper()
	Fatal(...any)
}, s job.Schedule) job.Plan {
	t.Helper()
	p, err := s.Compile(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// between lists the occurrences in (from, to] in the plan's zone, as "15:04:05-0700".
func between(p job.Plan, from, to time.Time) []string {
	var list []string
	for {
		next, ok := p.Next(from)
		if !ok || next.After(to) {
			return list
		}
		list = append(list, next.In(p.Zone()).Format("01-02 15:04:05-0700"))
		from = next
	}
}

// fault returns the message beside the field, "" if there is none.
func fault(err error, field string) string {
	var e *apperr.Error
	if !errors.As(err, &e) || e.Kind != apperr.Invalid {
		return ""
	}
	return e.Fields[field].Msg
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }
