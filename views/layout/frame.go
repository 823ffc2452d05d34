package layout

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/component"
)

// htmxConfig turns off what the content policy forbids, keeps no page in the browser's
// storage, and shows forms with faults (422) instead of dropping them. New parts settle at
// once: a button that is drawn anew never does, for a moment, what it did before.
const htmxConfig = `{"defaultSettleDelay":0,"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,` +
	`"disableInheritance":true,"historyCacheSize":0,"refreshOnHistoryMiss":true,"responseHandling":[` +
	`{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},` +
	`{"code":"[45]..","swap":false,"error":true}]}`

// Part renders a part of a page, which is all that htmx asks for, with what it needs of the shell.
func Part(s Shell, c templ.Component) templ.Component {
	return component.WithFrame(component.Frame{Sprite: s.URL("icons/sprite.svg"), Now: s.Now, Zone: s.Zone}, c)
}

// themeAttribute names the chosen theme; without it the system's is used.
func (s Shell) themeAttribute() templ.Attributes {
	if s.Theme == "" {
		return templ.Attributes{}
	}
	return templ.Attributes{"data-theme": s.Theme}
}

// zoneName is the zone in which times are shown.
func (s Shell) zoneName() string {
	if s.Zone == nil {
		return time.UTC.String()
	}
	return s.Zone.String()
}

type railItem struct {
	section, now Section
	url          string
	icon         string
	word         string
}

// current marks the item of the page that is open.
func (i railItem) current() templ.Attributes {
	if i.section != i.now {
		return templ.Attributes{}
	}
	return templ.Attributes{"aria-current": "page"}
}

// railItems are the sections that the user may open.
func (s Shell) railItems(ctx context.Context) []railItem {
	all := []struct {
		railItem
		needs access.Permission
	}{
		{railItem{section: SectionHome, url: route.Home(ctx), icon: "house", word: "ui.nav.home"}, access.JobsView},
		{railItem{section: SectionJobs, url: route.Jobs(ctx), icon: "calendar-clock", word: "ui.nav.jobs"}, access.JobsView},
		{railItem{section: SectionRuns, url: route.Runs(ctx), icon: "history", word: "ui.nav.runs"}, access.RunsView},
		{railItem{section: SectionAudit, url: route.Audit(ctx), icon: "scroll-text", word: "ui.nav.audit"}, access.AuditView},
		{railItem{section: SectionSystem, url: route.System(ctx), icon: "server", word: "ui.nav.system"}, access.SystemView},
		{railItem{section: SectionSettings, url: route.Settings(ctx), icon: "settings", word: "ui.nav.settings"}, access.OwnAccount},
		{railItem{section: SectionUsers, url: route.Users(ctx), icon: "users", word: "ui.nav.users"}, access.UsersManage},
	}
	var items []railItem
	for _, item := range all {
		if s.Allowed(item.needs) {
			item.now = s.Section
			items = append(items, item.railItem)
		}
	}
	return items
}

type theme struct{ value, icon, word string }

func themes() []theme {
	return []theme{
		{"light", "sun", "ui.theme.light"}, {"dark", "moon", "ui.theme.dark"}, {"", "monitor", "ui.theme.system"},
	}
}

type key struct {
	keys []string
	word string
}

// keys lists the keyboard's commands as static/js/app.js knows them.
func keys() []key {
	return []key{
		{[]string{"j", "k"}, "ui.key.move"}, {[]string{"x"}, "ui.key.select"}, {[]string{"Enter"}, "ui.key.open"},
		{[]string{"e"}, "ui.key.edit"}, {[]string{"r"}, "ui.key.run"}, {[]string{"p"}, "ui.key.pause"},
		{[]string{"/"}, "ui.key.search"}, {[]string{"g", "h"}, "ui.key.home"}, {[]string{"g", "j"}, "ui.key.jobs"},
		{[]string{"g", "r"}, "ui.key.runs"}, {[]string{"?"}, "ui.key.help"},
	}
}

// units are the words for units that app.js needs to tick, "d h m s" joined by "|".
func units(ctx context.Context) string {
	words := make([]string, 0, 4)
	for _, unit := range []string{"d", "h", "m", "s"} {
		words = append(words, i18n.T(ctx, "unit."+unit))
	}
	return strings.Join(words, "|")
}

// runWords are the words for the states of a run in the order of component.RunStates, joined by "|".
func runWords(ctx context.Context) string {
	var words []string
	for _, state := range component.RunStates() {
		words = append(words, i18n.T(ctx, component.RunLook(state).Word))
	}
	return strings.Join(words, "|")
}

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}
