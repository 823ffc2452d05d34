package web

import (
	"net/http"
	"slices"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/web/compat"
)

// compatLogs is the paged list of runs that ended.
func (s *Server) compatLogs(q *request) error {
	filter, page, err := compat.LogQuery(q.query(), s.Jobs.Zone())
	if err != nil {
		return err
	}
	total, err := s.Jobs.CountRuns(q.ctx(), q.actor(), filter, maxTotal)
	if err != nil {
		return err
	}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), filter, page)
	if err != nil {
		return err
	}
	items := make([]compat.Log, len(runs.Items))
	for i, run := range runs.Items {
		items[i] = compat.FromRun(run)
	}
	return q.json(http.StatusOK, compat.Page[compat.Log]{TotalCount: total, Items: items})
}

// compatLog is one run that ended. To the log, a run that has not is not there.
func (s *Server) compatLog(q *request) error {
	run, err := s.endedRun(q)
	if err != nil {
		return err
	}
	return q.json(http.StatusOK, compat.FromRun(run))
}

func (s *Server) compatLogDelete(q *request) error {
	run, err := s.endedRun(q)
	if err != nil {
		return err
	}
	if err := s.Jobs.DeleteRun(q.ctx(), q.actor(), run.ID); err != nil {
		return err
	}
	return q.noContent()
}

func (s *Server) endedRun(q *request) (job.Run, error) {
	run, err := s.Jobs.Run(q.ctx(), q.actor(), q.runID())
	if err != nil {
		return job.Run{}, err
	}
	if !slices.Contains(compat.LogStates(), run.State) {
		return job.Run{}, apperr.New(apperr.NotFound, "no_run", "error.control.no_run")
	}
	return run, nil
}

// compatDefinitions describes the kinds of work, in the caller's language.
func (s *Server) compatDefinitions(q *request) error {
	printer := i18n.From(q.ctx())
	words := func(id string) string {
		if printer.Has(id) {
			return printer.T(id)
		}
		return ""
	}
	items := []compat.Definition{}
	for _, spec := range s.Jobs.Kinds() {
		base := "kind." + strings.ToLower(spec.Name) + "."
		params := []compat.Parameter{}
		for _, p := range spec.Params {
			params = append(params, compat.Parameter{
				Name: p.Name, DisplayName: words(base + "param." + p.Name + ".label"),
				Description: words(base + "param." + p.Name + ".help"), Required: p.Required,
			})
		}
		items = append(items, compat.Definition{
			Name: spec.Name, DisplayName: words(base + "name"), Description: words(base + "summary"),
			Paramters: params, //nolint:misspell // spelled so by the original
		})
	}
	return q.json(http.StatusOK, map[string]any{"items": items})
}
