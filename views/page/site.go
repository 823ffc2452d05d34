package page

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
	"carillon/views/layout"
)

// Setup makes the first administrator.
func Setup(m SetupModel) templ.Component { return layout.Part(m.Shell, setup(m)) }

// Login signs in.
func Login(m LoginModel) templ.Component { return layout.Part(m.Shell, login(m)) }

// Error tells what went wrong and what to do.
func Error(m ErrorModel) templ.Component { return layout.Part(m.Shell, errorPage(m)) }

// Home is the first page.
func Home(m HomeModel) templ.Component { return layout.Part(m.Shell, home(m)) }

// HomeLive is the part of the first page that changes by itself.
func HomeLive(m HomeModel) templ.Component { return layout.Part(m.Shell, homeLive(m)) }

// Audit is who did what.
func Audit(m AuditModel) templ.Component { return layout.Part(m.Shell, auditPage(m)) }

// Users lists the people who may sign in.
func Users(m UsersModel) templ.Component { return layout.Part(m.Shell, usersPage(m)) }

// Settings is one's own page.
func Settings(m SettingsModel) templ.Component { return layout.Part(m.Shell, settingsPage(m)) }

// System is the facts of the running process.
func System(m SystemModel) templ.Component { return layout.Part(m.Shell, systemPage(m)) }

// title is the headline of the status; one for all that has none of its own.
func (m ErrorModel) title(ctx context.Context) string {
	return known(ctx, "ui.error."+strconv.Itoa(m.Status)+".title", i18n.T(ctx, "ui.error.other.title"))
}

// help says what to do; the fault's own words come first.
func (m ErrorModel) help(ctx context.Context) string {
	if !m.Fault.IsZero() {
		return i18n.Text(ctx, m.Fault)
	}
	return known(ctx, "ui.error."+strconv.Itoa(m.Status)+".help", i18n.T(ctx, "ui.error.other.help"))
}

func (m ErrorModel) icon() string {
	switch m.Status {
	case 403:
		return "shield"
	case 404:
		return "search"
	case 503:
		return "hourglass"
	default:
		return "octagon-alert"
	}
}

// why says what is wrong with a job that needs attention.
func (a Attention) why(ctx context.Context, now time.Time) string {
	since := i18n.Duration(ctx, now.Sub(a.Since).Truncate(time.Second))
	switch {
	case a.Trouble == TroubleOverrun && a.Usual > 0:
		return i18n.T(ctx, "ui.home.overrun", "elapsed", since, "usual", i18n.Duration(ctx, a.Usual))
	case a.Trouble == TroubleQuiet:
		return i18n.T(ctx, "ui.home.no_success", "span", since)
	case a.Trouble == TroubleLate:
		return i18n.T(ctx, "ui.home.late", "span", since)
	case a.Trouble == TroubleWaiting:
		return i18n.T(ctx, "ui.home.waiting", "span", since)
	case a.Job.Abandoned:
		return i18n.T(ctx, "ui.next.abandoned", "count", a.Job.TryCount)
	case a.Run != nil:
		return cause(ctx, *a.Run, now)
	default:
		return i18n.T(ctx, "ui.run."+string(a.Job.LastOutcome))
	}
}

// line is the first error line; "" if there is none.
func (a Attention) line() string {
	if a.Run == nil || a.Trouble != TroubleFailed {
		return ""
	}
	return firstLine(*a.Run)
}

func (a Attention) look() component.Look {
	switch a.Trouble {
	case TroubleFailed:
		return component.JobLook(a.Job, job.Live{})
	case TroubleMissed:
		return component.RunLook(job.RunMissed)
	case TroubleOverrun:
		return component.Look{Tone: "warning", Icon: "timer", Word: "ui.trouble.overrun"}
	case TroubleQuiet:
		return component.Look{Tone: "warning", Icon: "hourglass", Word: "ui.home.quiet"}
	default:
		return component.Look{Tone: "warning", Icon: "clock", Word: "ui.trouble.late"}
	}
}

// zoneField offers the zones while typing.
func (m SettingsModel) zoneField(ctx context.Context) component.Field {
	return component.Field{
		Name: "zone", Label: i18n.T(ctx, "ui.field.zone"), Help: i18n.T(ctx, "ui.help.own_zone"),
		Value: m.Preferences.Get("zone"), Fault: m.Preferences.FaultOf("zone"), List: "zones", Autocomplete: "off",
		Placeholder: zoneName(m.Zone),
	}
}

func (m SettingsModel) languageField(ctx context.Context) component.Field {
	f := component.Field{
		Name: "language", Label: i18n.T(ctx, "ui.language"), Value: m.Preferences.Get("language"), Fault: m.Preferences.FaultOf("language"),
		Options: []component.Option{{Label: i18n.T(ctx, "ui.language.browser")}},
	}
	for _, l := range i18n.Languages() {
		f.Options = append(f.Options, component.Option{Value: l.Tag, Label: l.Name})
	}
	return f
}

func (m SettingsModel) themeField(ctx context.Context) component.Field {
	return component.Field{
		Name: "theme", Label: i18n.T(ctx, "ui.theme"), Value: m.Preferences.Get("theme"), Fault: m.Preferences.FaultOf("theme"),
		Options: []component.Option{
			{Value: "", Label: i18n.T(ctx, "ui.theme.system")}, {Value: "light", Label: i18n.T(ctx, "ui.theme.light")},
			{Value: "dark", Label: i18n.T(ctx, "ui.theme.dark")},
		},
	}
}

// expiryField offers how long a new token is good, in days.
func (m SettingsModel) expiryField(ctx context.Context) component.Field {
	f := component.Field{
		Name: "expires", ID: "token-expires", Label: i18n.T(ctx, "ui.field.expires"), Value: m.Token.Get("expires"), Fault: m.Token.FaultOf("expires"),
	}
	for _, days := range []int{30, 90, 365} {
		f.Options = append(f.Options, component.Option{Value: strconv.Itoa(days), Label: i18n.T(ctx, "ui.days", "count", days)})
	}
	f.Options = append(f.Options, component.Option{Value: "", Label: i18n.T(ctx, "ui.never_expires")})
	return f
}

// roleOptions are the roles, from the least to the most.
func roleOptions(ctx context.Context) []component.Option {
	var options []component.Option
	for _, r := range []access.Role{access.Viewer, access.Operator, access.Editor, access.Admin} {
		options = append(options, component.Option{Value: string(r), Label: i18n.T(ctx, "ui.role."+string(r)), Help: i18n.T(ctx, "ui.role."+string(r)+".help")})
	}
	return options
}

// secretField is a field for a password.
func secretField(ctx context.Context, form Form, name, id, word, autocomplete string) component.Field {
	return component.Field{
		Name: name, ID: id, Label: i18n.T(ctx, word), Type: "password", Required: true, Autocomplete: autocomplete, Fault: form.FaultOf(name),
	}
}

// browser is the short name of the program in a User-Agent header.
func browser(agent string) string {
	for _, b := range []struct{ mark, name string }{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	} {
		if strings.Contains(agent, b.mark) {
			return b.name
		}
	}
	if agent == "" {
		return "–"
	}
	name, _, _ := strings.Cut(agent, " ")
	return name
}

// subjectURL leads to what an audit entry is about; "" if it has no page.
func subjectURL(ctx context.Context, subject, id string) string {
	switch subject {
	case "job":
		return route.Job(ctx, job.ID(id))
	case "run":
		return route.Run(ctx, job.RunID(id))
	default:
		return ""
	}
}

// attentionURL leads to the run that failed, or to the job.
func attentionURL(ctx context.Context, a Attention) string {
	if a.Run != nil {
		return route.Run(ctx, a.Run.ID)
	}
	return route.Job(ctx, a.Job.ID)
}
