package job

// Ticket returns what an engine needs to know of a queued run of j.
func (j Job) Ticket(r Run) Ticket {
	return Ticket{
		RunID:       r.ID,
		JobID:       r.JobID,
		Priority:    r.Priority,
		AvailableAt: r.AvailableAt,
		Exclusive:   j.Overlap != OverlapParallel,
		Node:        r.NodeWanted,
		LockTimeout: j.LockTimeout,
	}
}
