package job

// NewRun returns a queued first attempt of the job's current revision. The caller
// fills in identity and times; an empty RootID means the run itself.
func NewRun(j Job, trigger Trigger) Run {
	return Run{
		JobID:       j.ID,
		JobRevision: j.Revision,
		Group:       j.Group,
		Name:        j.Name,
		Kind:        j.Kind,
		Attempt:     1,
		Trigger:     trigger,
		Priority:    j.Priority,
		NodeWanted:  j.Node,
		State:       RunQueued,
		Occurrences: 1,
	}
}
