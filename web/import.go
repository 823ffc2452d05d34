package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/crontab"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
)

// importForm is the page on which a crontab is pasted.
func (s *Server) importForm(q *request) error {
	return s.showImport(q, http.StatusOK, page.ImportModel{Form: page.Form{Values: url.Values{"group": {"crontab"}}}})
}

// importJobs reads a crontab. First it only reports; asked to import, it makes the jobs.
func (s *Server) importJobs(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	m := page.ImportModel{Form: page.Form{Values: v}}
	rows, err := readCrontab(v)
	if isInput(err) {
		m.Form = formOf(v, err)
		return s.showImport(q, http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	save := v.Get("do") == "import"
	results, err := s.Jobs.Import(q.ctx(), q.actor(), crontab.Definitions(rows), !save)
	if err != nil {
		return err
	}
	m.Checked = true
	sum := importRows(&m, rows, results)
	if !save || m.New == 0 {
		m.Sum = sumWords(sum)
		return s.showImport(q, http.StatusOK, m)
	}
	back := route.With(route.Jobs(q.ctx()), url.Values{"group": {strings.TrimSpace(v.Get("group"))}})
	return q.leave(back, i18n.M("import.done", "count", m.New))
}

// readCrontab reads the form; an error is about its fields.
func readCrontab(v url.Values) ([]crontab.Row, error) {
	var faults apperr.Faults
	group := strings.TrimSpace(v.Get("group"))
	if group == "" {
		faults.Add("group", "error.job.group_required")
	}
	if strings.TrimSpace(v.Get("text")) == "" {
		faults.Add("text", "import.fault.empty")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return crontab.Parse(v.Get("text"), crontab.Options{Group: group, System: v.Get("system") == "true"})
}

func (s *Server) showImport(q *request, status int, m page.ImportModel) error {
	var err error
	if m.Shell, err = q.shell(i18n.M("import.title"), layout.SectionJobs); err != nil {
		return err
	}
	m.ServerZone = s.Jobs.Zone()
	return q.render(status, page.Import(m))
}

// importRows puts together what the lines are and what became of those that are jobs. It
// returns how many became what.
func importRows(m *page.ImportModel, rows []crontab.Row, results []control.Imported) map[crontab.Status]int {
	sum := map[crontab.Status]int{}
	for _, row := range rows {
		line := page.ImportRow{Line: row.Line, Text: row.Text}
		if row.Status == crontab.Job {
			row.Status = imported(&line, results[0])
			results = results[1:]
		}
		line.Status = string(row.Status)
		sum[row.Status]++
		for _, n := range row.Notes {
			line.Notes = append(line.Notes, page.ImportNote{Text: i18n.Msg{ID: n.Msg, Args: n.Args}, Warn: n.Warn})
		}
		m.Rows = append(m.Rows, line)
	}
	m.New = sum[crontab.Job]
	return sum
}

// imported fills in what became of a job, and returns it.
func imported(line *page.ImportRow, result control.Imported) crontab.Status {
	line.Schedule, line.Name = result.Job.Schedule, result.Job.Group+"/"+result.Job.Name
	switch {
	case result.Err != nil:
		line.Notes = append(line.Notes, page.ImportNote{Text: firstFault(result.Err), Warn: true})
		return crontab.Refused
	case result.Same != "":
		line.Notes = append(line.Notes, page.ImportNote{Text: i18n.M("import.same", "name", result.Same)})
		return crontab.Same
	default:
		return crontab.Job
	}
}

// firstFault words an error beside a line.
func firstFault(err error) i18n.Msg {
	e, ok := errors.AsType[*apperr.Error](err)
	if !ok {
		return i18n.M("error.invalid") // an import fails as a whole on everything unexpected
	}
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		return i18n.Msg{ID: e.Fields[field].Msg, Args: e.Fields[field].Args}
	}
	return i18n.Msg{ID: e.Msg, Args: e.Args}
}

// sumWords words how many lines became what, leaving out what none became.
func sumWords(sum map[crontab.Status]int) []i18n.Msg {
	var words []i18n.Msg
	for _, status := range crontab.Statuses() {
		if n := sum[status]; n > 0 {
			words = append(words, i18n.M("import.count."+string(status), "count", n))
		}
	}
	return words
}
