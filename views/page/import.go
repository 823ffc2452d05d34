package page

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/component"
	"carillon/views/layout"
)

// ImportModel is the page that makes jobs of a crontab. Fields: text, group, system, and
// "do" with "check" or "import".
type ImportModel struct {
	layout.Shell
	Form
	// Checked is set once a crontab was read: the report is shown.
	Checked bool
	Rows    []ImportRow
	// New is how many rows become jobs.
	New int
	// ServerZone is the zone of jobs that name none.
	ServerZone *time.Location
	// Sum words how many rows became what.
	Sum []i18n.Msg
}

// ImportRow is one line of a crontab and what becomes of it.
type ImportRow struct {
	Line     int
	Text     string
	Status   string // "job", "same", "setting", "disabled" or "refused"
	Schedule job.Schedule
	Name     string // of a job, with its group
	Notes    []ImportNote
}

// ImportNote is a remark on a line.
type ImportNote struct {
	Text i18n.Msg
	Warn bool // somebody should look at it
}

// Import makes jobs of a crontab.
func Import(m ImportModel) templ.Component { return layout.Part(m.Shell, importPage(m)) }

// look is the row's mark.
func (r ImportRow) look() component.Look {
	looks := map[string]component.Look{
		"job":      {Tone: "ok", Icon: "circle-check"},
		"same":     {Tone: "waiting", Icon: "circle-slash"},
		"setting":  {Tone: "waiting", Icon: "settings"},
		"disabled": {Tone: "waiting", Icon: "circle-dashed"},
		"refused":  {Tone: "failed", Icon: "circle-x"},
	}
	look := looks[r.Status]
	look.Word = "import.status." + r.Status
	return look
}

func (m ImportModel) textField(ctx context.Context) component.Field {
	return component.Field{
		Name: "text", Label: i18n.T(ctx, "import.text"), Value: m.Get("text"), Fault: m.FaultOf("text"), Required: true, Mono: true, Rows: 12,
		Placeholder: "30 2 * * * /usr/local/bin/backup",
	}
}

func (m ImportModel) groupField(ctx context.Context) component.Field {
	return component.Field{
		Name: "group", Label: i18n.T(ctx, "import.group"), Value: m.Get("group"), Fault: m.FaultOf("group"), Required: true, Max: job.MaxGroup,
	}
}

func (m ImportModel) systemField(ctx context.Context) component.Field {
	return component.Field{Name: "system", Label: i18n.T(ctx, "import.system"), Value: m.Get("system")}
}
