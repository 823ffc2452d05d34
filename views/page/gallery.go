package page

import (
	"time"

	"github.com/a-h/templ"

	"carillon/internal/job"
	"carillon/views/component"
	"carillon/views/layout"
)

// Gallery shows every component in every state, for people who work on them.
func Gallery(s layout.Shell) templ.Component { return layout.Part(s, gallery(s)) }

// jobLooks are all looks of a job.
func jobLooks() []component.Look {
	var looks []component.Look
	for _, s := range []job.State{job.Active, job.Paused, job.Stopped, job.Completed} {
		looks = append(looks, component.StateLook(job.Job{State: s}))
	}
	return append(looks,
		component.StateLook(job.Job{State: job.Stopped, Abandoned: true}),
		component.JobLook(job.Job{State: job.Active}, job.Live{Running: 1}),
		component.JobLook(job.Job{State: job.Active}, job.Live{Waiting: 1}),
		component.JobLook(job.Job{State: job.Active}, job.Live{Queued: 1}),
	)
}

func tones() []string { return []string{"ok", "running", "waiting", "warning", "failed"} }

// galleryBars is a history with every result in it.
func galleryBars(now time.Time) []job.Bar {
	var bars []job.Bar
	for i := range 30 {
		at := now.Add(-time.Duration(i+1) * time.Minute)
		took := time.Duration(i%7+1) * 700 * time.Millisecond
		bars = append(bars, job.Bar{RunID: "example", State: component.RunStates()[i%9], StartedAt: at, FinishedAt: at.Add(took), CreatedAt: at})
	}
	return bars
}
