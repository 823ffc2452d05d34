// Package jobfile keeps jobs in a text file: YAML that differs only where jobs differ,
// or the same as JSON. It writes the file, reads it back with the line of every fault,
// and plans what must change so that the jobs become what the file says. It is pure.
//
// A job is known by its group and name. The file says what people decide about a job and
// whether it is enabled; what happened to it (counters, runs, a pause) is not in it.
// System jobs never are.
package jobfile

import (
	"cmp"
	"slices"

	"carillon/internal/job"
)

// Version is the version of the file's form, in its key "carillon".
const Version = 1

// MaxBytes bounds a file.
const MaxBytes = 32 << 20

// Entry is one job of a file.
type Entry struct {
	Line       int // where it begins; 0 if it does not come from a file
	Enabled    bool
	Definition job.Definition
}

// Key is how people name a job: its group and name.
func (e Entry) Key() string { return e.Definition.Group + "/" + e.Definition.Name }

// FromJobs returns the entries of jobs, by group and name, without system jobs.
func FromJobs(jobs []job.Job) []Entry {
	var all []Entry
	for _, j := range jobs {
		if j.Source != job.SourceSystem {
			all = append(all, fromJob(j))
		}
	}
	slices.SortFunc(all, byKey)
	return all
}

// fromJob returns a job's entry. A completed job counts as disabled: elsewhere, it would
// start anew.
func fromJob(j job.Job) Entry {
	return Entry{Enabled: j.State != job.Stopped && j.State != job.Completed, Definition: j.Definition}
}

func byKey(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Definition.Group, b.Definition.Group), cmp.Compare(a.Definition.Name, b.Definition.Name))
}
