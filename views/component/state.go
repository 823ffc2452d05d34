package component

import (
	"carillon/internal/job"
)

// Look is how a state is shown: a tone (one of the five state colours, or "" for
// none), an icon whose shape tells it without colour, and a word.
type Look struct {
	Tone string
	Icon string
	Word string // message id
	Spin bool   // the icon turns
}

// RunLook is the look of a run's state.
func RunLook(s job.RunState) Look {
	look := Look{Word: "ui.run." + string(s)}
	switch s {
	case job.RunQueued:
		look.Tone, look.Icon = "waiting", "hourglass"
	case job.RunRunning:
		look.Tone, look.Icon, look.Spin = "running", "loader-circle", true
	case job.RunSucceeded:
		look.Tone, look.Icon = "ok", "circle-check"
	case job.RunFailed:
		look.Tone, look.Icon = "failed", "circle-x"
	case job.RunTimedOut:
		look.Tone, look.Icon = "failed", "timer-off"
	case job.RunLost:
		look.Tone, look.Icon = "failed", "unplug"
	case job.RunCancelled:
		look.Tone, look.Icon = "waiting", "circle-slash"
	case job.RunSkipped:
		look.Tone, look.Icon = "waiting", "skip-forward"
	case job.RunMissed:
		look.Tone, look.Icon = "warning", "calendar-x"
	default:
		look.Tone, look.Icon, look.Word = "", "circle-dashed", "ui.run.none"
	}
	return look
}

// JobLook is the look of a job: what runs now beats the state, the state beats the last result.
func JobLook(j job.Job, live job.Live) Look {
	switch {
	case live.Running > 0:
		return RunLook(job.RunRunning)
	case live.Waiting > 0:
		return Look{Tone: "warning", Icon: "rotate-ccw", Word: "ui.job.retrying"}
	case live.Queued > 0:
		return RunLook(job.RunQueued)
	case j.Abandoned:
		return Look{Tone: "failed", Icon: "octagon-alert", Word: "ui.job.abandoned"}
	case j.State != job.Active:
		return StateLook(j)
	case j.LastOutcome != "":
		return RunLook(j.LastOutcome)
	default:
		return StateLook(j)
	}
}

// StateLook is the look of a job's own state.
func StateLook(j job.Job) Look {
	switch {
	case j.Abandoned:
		return Look{Tone: "failed", Icon: "octagon-alert", Word: "ui.job.abandoned"}
	case j.State == job.Active:
		return Look{Tone: "ok", Icon: "circle-dot", Word: "ui.job.active"}
	case j.State == job.Paused:
		return Look{Tone: "warning", Icon: "circle-pause", Word: "ui.job.paused"}
	case j.State == job.Stopped:
		return Look{Tone: "waiting", Icon: "circle-stop", Word: "ui.job.stopped"}
	default:
		return Look{Tone: "waiting", Icon: "circle-check-big", Word: "ui.job.completed"}
	}
}

// ToneIcon is the icon that goes with a tone, so that colour never speaks alone.
func ToneIcon(tone string) string {
	switch tone {
	case "ok":
		return "circle-check"
	case "warning":
		return "triangle-alert"
	case "failed":
		return "circle-x"
	case "running":
		return "activity"
	default:
		return "info"
	}
}
