package page

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
	"carillon/views/layout"
)

// JobForm is the form of a new, changed or copied job.
func JobForm(m JobFormModel) templ.Component { return layout.Part(m.Shell, jobForm(m)) }

// KindFields are the parameter fields of the chosen kind.
func KindFields(m JobFormModel) templ.Component { return layout.Part(m.Shell, kindFields(m)) }

// SchedulePreview says when the schedule as typed is due.
func SchedulePreview(m PreviewModel) templ.Component {
	return component.WithFrame(component.Frame{Now: m.Now, Zone: m.Zone}, schedulePreview(m))
}

// postURL is where the form is sent.
func (m JobFormModel) postURL(ctx context.Context) string {
	if m.Mode == FormEdit {
		return route.Job(ctx, m.Job.ID)
	}
	return route.Jobs(ctx)
}

// backURL is where cancelling leads.
func (m JobFormModel) backURL(ctx context.Context) string {
	if m.Mode == FormNew {
		return route.Jobs(ctx)
	}
	return route.Job(ctx, m.Job.ID)
}

// field is a field of the job form whose label and help are the messages
// ui.field.<name> and, if there is one, ui.help.<name>.
func (m JobFormModel) field(ctx context.Context, name string) component.Field {
	word := strings.TrimPrefix(strings.TrimPrefix(name, "schedule."), "retention.")
	word = strings.ReplaceAll(word, ".", "_")
	return component.Field{
		Name: name, Label: i18n.T(ctx, "ui.field."+word), Help: known(ctx, "ui.help."+word, ""),
		Value: m.Get(name), Fault: m.FaultOf(name),
	}
}

// required is a field that must be filled in, with at most so many characters.
func (m JobFormModel) required(ctx context.Context, name string, most int) component.Field {
	f := m.field(ctx, name)
	f.Required, f.Max = true, most
	return f
}

// span is a field for a span of time, as "30s" or "5m".
func (m JobFormModel) span(ctx context.Context, name, example string) component.Field {
	f := m.field(ctx, name)
	f.Short, f.Placeholder = true, example
	return f
}

// number is a field for a whole number.
func (m JobFormModel) number(ctx context.Context, name, example string) component.Field {
	f := m.field(ctx, name)
	f.Short, f.InputMode, f.Placeholder = true, "numeric", example
	return f
}

// choice is a field for one of several words, each the message <prefix><value>.
func (m JobFormModel) choice(ctx context.Context, name, prefix string, values ...string) component.Field {
	f := m.field(ctx, name)
	for _, v := range values {
		f.Options = append(f.Options, component.Option{Value: v, Label: i18n.T(ctx, prefix+v), Help: known(ctx, prefix+v+".help", "")})
	}
	return f
}

func (m JobFormModel) listed(ctx context.Context, name, list string, most int) component.Field {
	f := m.field(ctx, name)
	f.List, f.Max, f.Autocomplete = list, most, "off"
	return f
}

func (m JobFormModel) cronField(ctx context.Context) component.Field {
	f := m.field(ctx, "schedule.cron")
	f.Mono, f.Placeholder, f.Autocomplete, f.Max = true, "*/15 * * * *", "off", 120
	f.List = "cron-presets"
	return f
}

func (m JobFormModel) zoneField(ctx context.Context) component.Field {
	f := m.listed(ctx, "schedule.zone", "zones", 64)
	f.Placeholder = m.ServerZone
	return f
}

func (m JobFormModel) timeField(ctx context.Context, name string) component.Field {
	f := m.field(ctx, name)
	f.Type, f.Short = "datetime-local", true
	return f
}

// kindChoice offers the kinds with their icons and one line each.
func (m JobFormModel) kindChoice(ctx context.Context) component.Field {
	f := m.field(ctx, "kind")
	f.Required = true
	for _, k := range m.Kinds {
		f.Options = append(f.Options, component.Option{
			Value: k.Name, Label: kindName(ctx, k.Name), Help: kindText(ctx, k.Name, "summary"), Icon: kindIcon(m.Kinds, k.Name),
		})
	}
	return f
}

// priorityChoice offers the priorities by their numbers.
func (m JobFormModel) priorityChoice(ctx context.Context) component.Field {
	f := m.field(ctx, "priority")
	for _, p := range job.Priorities() {
		f.Options = append(f.Options, component.Option{Value: strconv.Itoa(int(p)), Label: priorityWords(ctx, p)})
	}
	return f
}

// paramField is the field of a kind's parameter.
func (m JobFormModel) paramField(ctx context.Context, kind string, p job.Param) component.Field {
	name := "args." + p.Name
	f := component.Field{
		Name: name, Label: paramLabel(ctx, kind, p.Name), Help: kindText(ctx, kind, "param."+p.Name+".help"),
		Value: m.Get(name), Fault: m.FaultOf(name), Required: p.Required, Placeholder: p.Placeholder, Autocomplete: "off",
	}
	switch p.Type {
	case job.ParamURL:
		f.InputMode, f.Mono = "url", true
	case job.ParamNumber:
		f.InputMode, f.Short = "numeric", true
	case job.ParamCode:
		f.Mono, f.Rows = true, 10
	case job.ParamMap, job.ParamJSON:
		f.Mono, f.Rows = true, 4
	case job.ParamChoice:
		if !p.Required {
			f.Options = append(f.Options, component.Option{Label: i18n.T(ctx, "ui.choice_default")})
		}
		for _, o := range p.Options {
			label := kindText(ctx, kind, "param."+p.Name+".option."+o)
			if label == "" {
				label = o
			}
			f.Options = append(f.Options, component.Option{Value: o, Label: label})
		}
	}
	if f.Placeholder == "" && p.Default != nil {
		f.Placeholder = argText(p.Default)
	}
	return f
}

// params splits a kind's parameters into those that are always shown and the advanced ones.
func params(kind job.KindSpec, advanced bool) []job.Param {
	var list []job.Param
	for _, p := range kind.Params {
		if p.Advanced == advanced {
			list = append(list, p)
		}
	}
	return list
}

// advancedOpen reports whether the folded parameters have something to show.
func (m JobFormModel) advancedOpen(kind job.KindSpec) bool {
	for _, p := range params(kind, true) {
		if m.Get("args."+p.Name) != "" || !m.FaultOf("args."+p.Name).IsZero() {
			return true
		}
	}
	return false
}

// cronPresets are offered while typing a cron expression.
func cronPresets() []string {
	return []string{
		"* * * * *", "*/5 * * * *", "*/15 * * * *", "0 * * * *", "0 8 * * *", "0 8 * * 1-5", "0 3 * * 0", "0 3 1 * *", "0 3 L * *",
	}
}

// changeLabel is a field's name in words; the field itself if it has none.
func changeLabel(ctx context.Context, field string) string {
	word := strings.TrimPrefix(strings.TrimPrefix(field, "schedule."), "retention.")
	return known(ctx, "ui.field."+strings.ReplaceAll(word, ".", "_"), field)
}

func (m JobFormModel) nameField(ctx context.Context) component.Field {
	f := m.required(ctx, "name", 100)
	f.Autofocus, f.Autocomplete = m.Mode != FormEdit && len(m.Faults) == 0, "off"
	return f
}

func (m JobFormModel) groupField(ctx context.Context) component.Field {
	f := m.required(ctx, "group", 100)
	f.List, f.Autocomplete = "groups", "off"
	return f
}

func (m JobFormModel) descriptionField(ctx context.Context) component.Field {
	f := m.field(ctx, "description")
	f.Rows, f.Max = 2, 255
	return f
}

func (m JobFormModel) noteField(ctx context.Context) component.Field {
	f := m.field(ctx, "note")
	f.Max, f.Autocomplete = 255, "off"
	return f
}

func (m JobFormModel) disabledField(ctx context.Context) component.Field {
	f := m.field(ctx, "disabled")
	f.Ticked = "1"
	return f
}
