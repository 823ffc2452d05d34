package page

import (
	"context"

	"carillon/internal/audit"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/component"
)

func (m AuditModel) nextURL(ctx context.Context) string {
	if m.Next == "" {
		return ""
	}
	return route.With(route.Audit(ctx), with(m.Query, "after", m.Next))
}

func (m AuditModel) firstURL(ctx context.Context) string {
	if m.Query.Get("after") == "" {
		return ""
	}
	return route.With(route.Audit(ctx), without(m.Query, "after"))
}

// exportURL is the file of all that the filter selects.
func (m AuditModel) exportURL(ctx context.Context, format string) string {
	return route.With(route.AuditExport(ctx), with(without(m.Query, "after"), "format", format))
}

// filtered reports whether the list shows less than everything.
func (m AuditModel) filtered() bool {
	for _, name := range []string{"q", "action", "actor", "subject", "from", "to"} {
		if m.Query.Get(name) != "" {
			return true
		}
	}
	return false
}

func (m AuditModel) actionOptions(ctx context.Context) []component.Option {
	options := []component.Option{{Label: i18n.T(ctx, "ui.filter.any_action")}}
	for _, a := range m.Actions {
		options = append(options, component.Option{Value: string(a), Label: actionName(ctx, a)})
	}
	return options
}

// actionName is what was done, in words.
func actionName(ctx context.Context, a audit.Action) string {
	return known(ctx, "ui.action."+string(a), known(ctx, "audit.action."+string(a), string(a)))
}

// actorName is who did it; the system if nobody is named.
func actorName(ctx context.Context, e audit.Entry) string {
	if e.ActorName == "" {
		return i18n.T(ctx, "ui.by_system")
	}
	return e.ActorName
}

// subjectName is what it was done to.
func subjectName(e audit.Entry) string {
	if e.SubjectName != "" {
		return e.SubjectName
	}
	return e.SubjectID
}

// tickLate is after how many seconds without a tick the scheduler counts as late.
const tickLate = 30

func (m SystemModel) schedulerLook() component.Look {
	switch {
	case m.Draining:
		return component.Look{Tone: "warning", Icon: "hourglass", Word: "ui.system.draining"}
	case m.LastTick.IsZero() || m.Now.Sub(m.LastTick).Seconds() > tickLate:
		return component.Look{Tone: "failed", Icon: "triangle-alert", Word: "ui.system.late"}
	default:
		return component.Look{Tone: "ok", Icon: "circle-check", Word: "ui.system.on_time"}
	}
}

func (m SystemModel) databaseLook() component.Look {
	if !m.DatabaseOK {
		return component.Look{Tone: "failed", Icon: "circle-x", Word: "ui.system.unreachable"}
	}
	return component.Look{Tone: "ok", Icon: "circle-check", Word: "ui.system.reachable"}
}

// bytesOrDash is a size; a dash when it is not known.
func bytesOrDash(n int64) string {
	if n <= 0 {
		return "–"
	}
	return i18n.Bytes(n)
}
