package page

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
)

// action is a button that posts a verb about a job or a run.
type action struct {
	verb    string
	icon    string
	word    string // message id
	url     string
	confirm string // question asked before; "" asks nothing
	danger  bool
	key     string // app.js presses the button for this key
}

// jobActions are the verbs that the job's state and the user's rights allow, in the
// order in which they are offered.
func jobActions(ctx context.Context, s layout.Shell, j job.Job) []action {
	if j.Source == job.SourceSystem && !s.Allowed(access.JobsManageSystem) {
		return nil
	}
	name := j.Group + "/" + j.Name
	all := []struct {
		action
		needs access.Permission
		fits  bool
	}{
		{action{verb: "trigger", icon: "play", word: "ui.verb.trigger", key: "r"}, access.JobsTrigger, j.State != job.Stopped},
		{action{verb: "pause", icon: "pause", word: "ui.verb.pause", key: "p"}, access.JobsPause, j.State == job.Active},
		{action{verb: "resume", icon: "circle-play", word: "ui.verb.resume", key: "p"}, access.JobsResume, j.State == job.Paused},
		{action{verb: "start", icon: "circle-play", word: "ui.verb.start", key: "p"}, access.JobsStart, j.State == job.Stopped || j.State == job.Completed},
		{action{verb: "stop", icon: "circle-stop", word: "ui.verb.stop", confirm: i18n.T(ctx, "ui.confirm.stop", "name", name)}, access.JobsStop, j.State == job.Active || j.State == job.Paused},
		{action{verb: "delete", icon: "trash-2", word: "ui.verb.delete", danger: true, confirm: i18n.T(ctx, "ui.confirm.delete", "name", name)}, access.JobsDelete, j.State == job.Stopped || j.State == job.Completed},
	}
	var list []action
	for _, a := range all {
		if a.fits && s.Allowed(a.needs) {
			a.url = route.JobVerb(ctx, j.ID, a.verb)
			list = append(list, a.action)
		}
	}
	return list
}

// runActions are the verbs that the run's state and the user's rights allow.
func runActions(ctx context.Context, s layout.Shell, r job.Run, exists bool) []action {
	var list []action
	open := r.State == job.RunQueued || r.State == job.RunRunning
	if open && s.Allowed(access.RunsCancel) && r.CancelReason == job.ReasonNone {
		list = append(list, action{verb: "cancel", icon: "ban", word: "ui.verb.cancel", danger: true, confirm: i18n.T(ctx, "ui.confirm.cancel", "name", r.Group+"/"+r.Name)})
	}
	if !open && exists && s.Allowed(access.JobsTrigger) {
		list = append(list, action{verb: "retry", icon: "rotate-ccw", word: "ui.verb.retry", key: "r", confirm: i18n.T(ctx, "ui.confirm.retry", "name", r.Group+"/"+r.Name)})
	}
	if !open && s.Allowed(access.RunsDelete) {
		list = append(list, action{verb: "delete", icon: "trash-2", word: "ui.verb.delete_run", danger: true, confirm: i18n.T(ctx, "ui.confirm.delete_run")})
	}
	for i := range list {
		list[i].url = route.RunVerb(ctx, r.ID, list[i].verb)
	}
	return list
}

// inline reports whether an action stands in the row itself; the others are in the menu.
func (a action) inline() bool {
	switch a.verb {
	case "trigger", "pause", "resume", "start", "cancel", "retry":
		return true
	default:
		return false
	}
}

// attributes are those that only some actions have.
func (a action) attributes() templ.Attributes {
	attrs := templ.Attributes{}
	if a.confirm != "" {
		attrs["hx-confirm"] = a.confirm
	}
	if a.key != "" {
		attrs["data-key"] = a.key
	}
	return attrs
}

// inlineActions are the job's actions that stand beside it.
func inlineActions(ctx context.Context, s layout.Shell, j job.Job) []action {
	return slices.DeleteFunc(jobActions(ctx, s, j), func(a action) bool { return !a.inline() })
}

// menuActions are the job's actions in its menu.
func menuActions(ctx context.Context, s layout.Shell, j job.Job) []action {
	return slices.DeleteFunc(jobActions(ctx, s, j), action.inline)
}

// mayChange reports whether the user may touch the job: the system's own jobs need a right of their own.
func mayChange(s layout.Shell, j job.Job) bool {
	return j.Source != job.SourceSystem || s.Allowed(access.JobsManageSystem)
}

// buttonClass makes the first of several buttons the main one.
func buttonClass(i int) string {
	if i == 0 {
		return "btn btn-primary"
	}
	return "btn"
}
