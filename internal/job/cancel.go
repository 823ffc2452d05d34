package job

// Cancellation is the cause with which a run's context ends when the run is asked to
// stop; context.Cause returns it.
type Cancellation struct{ Reason Reason }

// Error implements error.
func (c Cancellation) Error() string { return "run cancelled: " + string(c.Reason) }
