package jobfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"carillon/internal/job"
)

// Change is a job that becomes what the file says.
type Change struct {
	Job   job.Job // as it is
	Entry Entry   // as it shall be
	// Edited and Switched tell whether the definition changes, and whether it is enabled.
	Edited, Switched bool
}

// Plan is what must be done so that the jobs become what a file says.
type Plan struct {
	New     []Entry
	Changed []Change
	Removed []job.Job
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.New)+len(p.Changed)+len(p.Removed) == 0 }

// MakePlan compares the jobs that there are with valid entries of a file. With prune,
// jobs that are not in the file are removed. System jobs stay out of it.
func MakePlan(there []job.Job, want []Entry, prune bool) Plan {
	var p Plan
	jobs := map[string]job.Job{}
	for _, j := range there {
		if j.Source != job.SourceSystem {
			jobs[fromJob(j).Key()] = j
		}
	}
	for _, e := range want {
		j, ok := jobs[e.Key()]
		if !ok {
			p.New = append(p.New, e)
			continue
		}
		delete(jobs, e.Key())
		if c := compare(j, e); c.Edited || c.Switched {
			p.Changed = append(p.Changed, c)
		}
	}
	if prune {
		for _, j := range jobs {
			p.Removed = append(p.Removed, j)
		}
		slices.SortFunc(p.Removed, func(a, b job.Job) int { return byKey(fromJob(a), fromJob(b)) })
	}
	return p
}

// compare says what differs. An interval that names no beginning keeps the one it has.
func compare(j job.Job, e Entry) Change {
	was, s := j.Schedule, &e.Definition.Schedule
	if s.Type == job.Interval && s.BeginAt.IsZero() && was.Type == job.Interval && was.Every == s.Every {
		s.BeginAt = was.BeginAt
	}
	return Change{
		Job: j, Entry: e,
		Edited:   same(j.Definition) != same(e.Definition),
		Switched: fromJob(j).Enabled != e.Enabled,
	}
}

// same is equal for equal definitions, wherever their values come from.
func same(d job.Definition) string {
	if len(d.Tags) == 0 {
		d.Tags = nil
	}
	if len(d.Args) == 0 {
		d.Args = nil
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	return string(raw)
}

// String words the plan: the changes line by line, then the sum.
func (p Plan) String() string {
	var b strings.Builder
	for _, e := range p.New {
		fmt.Fprintf(&b, "new      %s\n", e.Key())
		writeDiff(&b, "", lines(e))
	}
	for _, c := range p.Changed {
		fmt.Fprintf(&b, "changed  %s\n", c.Entry.Key())
		writeDiff(&b, lines(fromJob(c.Job)), lines(c.Entry))
	}
	for _, j := range p.Removed {
		fmt.Fprintf(&b, "removed  %s\n", fromJob(j).Key())
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d new, %d changed, %d removed\n", len(p.New), len(p.Changed), len(p.Removed))
	return b.String()
}

// lines is an entry as the file has it.
func lines(e Entry) string {
	raw, err := encode(mapping(fields(), &e))
	if err != nil {
		return err.Error() + "\n"
	}
	return string(raw)
}
