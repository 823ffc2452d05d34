package app

import (
	"context"
	"fmt"
	"time"

	"carillon/internal/access"
	"carillon/internal/control"
	"carillon/internal/job"
)

// seedDemo fills an empty console with jobs that show what it can do: within ten
// seconds something runs, and something fails.
func (a *App) seedDemo(ctx context.Context, self string) error {
	owner := access.Actor{Name: "demo", Role: access.Admin, Via: access.ViaSystem}
	n, err := a.Jobs.CountJobs(ctx, owner, job.Filter{}, 1)
	if err != nil {
		return fmt.Errorf("look for jobs before the demo: %w", err)
	}
	if n > 0 {
		return nil
	}
	for _, def := range demoJobs(a.clock.Now(), self) {
		j, err := a.Jobs.Create(ctx, owner, control.NewJob{Definition: def, Note: "Made by --demo"})
		if err != nil {
			return fmt.Errorf("make demo job %s: %w", def.Name, err)
		}
		if def.Name != "nightly-backup" {
			continue
		}
		pause := control.PauseJob{Reason: "Storage is being moved"}
		if _, err := a.Jobs.Pause(ctx, owner, j.ID, pause); err != nil {
			return fmt.Errorf("pause demo job: %w", err)
		}
	}
	return nil
}

func demoJobs(now time.Time, self string) []job.Definition {
	every := func(s job.Seconds, first time.Duration) job.Schedule {
		// An interval's first occurrence is one interval after its anchor.
		return job.Schedule{Type: job.Interval, Every: s, BeginAt: now.Add(first - s.Duration()).Truncate(time.Second)}
	}
	cron := func(text, zone string) job.Schedule { return job.Schedule{Type: job.Cron, Cron: text, Zone: zone} }
	shell := func(script string) job.Args { return job.Args{"script": script, "interpreter": "sh"} }
	return []job.Definition{
		{
			Group: "monitoring", Name: "disk-check", Owner: "ops", Tags: []string{"disk"}, Kind: "Shell", Timeout: 30,
			Description: "Warns when the disk is nearly full",
			Schedule:    cron("* * * * *", ""),
			Args:        shell("df -h .\nused=$(df -P . | awk 'NR==2 {print $5+0}')\necho \"$used % used\"\n[ \"$used\" -lt 95 ]\n"),
		},
		{
			Group: "monitoring", Name: "console-health", Owner: "ops", Tags: []string{"http"}, Kind: "HttpRequest", Timeout: 10,
			Description: "Asks this console whether it is well",
			Schedule:    every(10, 3*time.Second),
			Args:        job.Args{"url": self + "/healthz", "method": "GET"},
		},
		{
			Group: "shop", Name: "flaky-import", Owner: "data", Tags: []string{"import", "flaky"}, Kind: "Shell", Timeout: 60,
			Description: "Fetches orders from a supplier that is not always there",
			Schedule:    every(20, 5*time.Second),
			Retry:       job.Retry{Limit: 1, Delay: 5, Factor: 2},
			Args: shell("echo 'Connecting to supplier …'\nsleep 1\nn=$(( $(date +%s) / 20 % 3 ))\n" +
				"if [ $n -eq 0 ]; then\n  printf '\\033[31mERROR\\033[0m connection reset by peer\\n' >&2\n  exit 3\nfi\n" +
				"printf '\\033[32m%s orders imported\\033[0m\\n' $(( $(date +%s) % 97 + 3 ))\n"),
		},
		{
			Group: "shop", Name: "search-index", Owner: "data", Tags: []string{"slow"}, Kind: "Shell", Timeout: 300,
			Description: "Rebuilds the search index; takes its time",
			Schedule:    every(120, 8*time.Second),
			Args:        shell("for i in $(seq 1 45); do\n  echo \"segment $i of 45 written\"\n  sleep 1\ndone\necho 'index rebuilt: 45 segments'\n"),
		},
		{
			Group: "maintenance", Name: "nightly-backup", Owner: "ops", Tags: []string{"backup"}, Kind: "Shell", Timeout: 3600,
			Description: "Dumps the databases and copies them away",
			Schedule:    cron("30 2 * * *", "Europe/Warsaw"), Priority: job.High,
			Args: shell("echo 'dumping …'\nsleep 2\necho 'backup done'\n"),
		},
		{
			Group: "maintenance", Name: "month-end-report", Owner: "finance", Kind: "Console",
			Description: "Reminds finance on the last day of the month",
			Schedule:    cron("0 18 L * *", "America/New_York"),
			Args:        job.Args{"message": "Month end: close the books"},
		},
		{
			Group: "maintenance", Name: "certificate-renewal", Owner: "ops", Kind: "Sleep",
			Description: "A one-off in half a minute",
			Schedule:    job.Schedule{Type: job.Once, BeginAt: now.Add(30 * time.Second).Truncate(time.Second)},
			Args:        job.Args{"delay": 4000},
		},
	}
}
