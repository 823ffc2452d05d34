package app

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/config"
	"carillon/internal/job"
)

// printNext is "carillon next". It asks the same plan as the dispatcher does.
func printNext(now time.Time, in config.Next, out io.Writer) error {
	plan, err := job.Schedule{Type: job.Cron, Cron: in.Cron, Zone: in.Zone}.Compile(time.UTC)
	if err != nil {
		return err
	}
	after := in.From
	if after.IsZero() {
		after = now
	}
	times := plan.Upcoming(after, in.Count)
	if len(times) == 0 {
		return apperr.New(apperr.Invalid, "never", "This cron expression has no time after "+after.Format(time.RFC3339)+".")
	}
	w := bufio.NewWriter(out)
	for _, at := range times {
		fmt.Fprintln(w, at.In(plan.Zone()).Format(time.RFC3339))
	}
	return w.Flush()
}
