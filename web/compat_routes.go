package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/web/compat"
)

// compatBase is where the compatible JSON interface lies.
const compatBase = "/api/task-management/background-jobs"

// compatRoutes are the routes of the compatible JSON interface.
func (s *Server) compatRoutes() []entry {
	const one = compatBase + "/:id"
	return []entry{
		{"GET", compatBase, s.compatList, access.JobsView, false},
		{"POST", compatBase, s.compatCreate, access.JobsCreate, false},
		{"GET", compatBase + "/definitions", s.compatDefinitions, access.JobsView, false},
		{"GET", compatBase + "/logs", s.compatLogs, access.RunsView, false},
		{"GET", compatBase + "/logs/:id", s.compatLog, access.RunsView, false},
		{"DELETE", compatBase + "/logs/:id", s.compatLogDelete, access.RunsDelete, false},
		{"PUT", compatBase + "/bulk-pause", s.compatBulk("pause"), access.JobsPause, false},
		{"PUT", compatBase + "/bulk-resume", s.compatBulk("resume"), access.JobsResume, false},
		{"PUT", compatBase + "/bulk-trigger", s.compatBulk("trigger"), access.JobsTrigger, false},
		{"PUT", compatBase + "/bulk-start", s.compatBulk("start"), access.JobsStart, false},
		{"PUT", compatBase + "/bulk-stop", s.compatBulk("stop"), access.JobsStop, false},
		{"PUT", compatBase + "/bulk-delete", s.compatBulk("delete"), access.JobsDelete, false},
		{"DELETE", compatBase + "/bulk-delete", s.compatBulk("delete"), access.JobsDelete, false},
		{"GET", one, s.compatRead, access.JobsView, false},
		{"PUT", one, s.compatUpdate, access.JobsUpdate, false},
		{"DELETE", one, s.compatDelete, access.JobsDelete, false},
		{"PUT", one + "/pause", s.compatPause, access.JobsPause, false},
		{"PUT", one + "/resume", s.compatResume, access.JobsResume, false},
		{"PUT", one + "/trigger", s.compatTrigger, access.JobsTrigger, false},
		{"PUT", one + "/start", s.compatStart, access.JobsStart, false},
		{"PUT", one + "/stop", s.compatStop, access.JobsStop, false},
	}
}

// json answers with a value.
func (q *request) json(status int, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	q.send(status, "application/json; charset=utf-8", append(raw, '\n'))
	return nil
}

// noContent answers a state change that has nothing to say.
func (q *request) noContent() error {
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

// body reads a JSON body into v.
func (q *request) body(v any) error {
	raw, err := io.ReadAll(q.r.Body)
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return compat.Decode(raw, v)
}

// failJSON answers a failure as JSON.
func (s *Server) failJSON(w http.ResponseWriter, r *http.Request, f failure) {
	body := compat.ErrorBody{
		Message: i18n.Text(r.Context(), s.failText(r, f)), Data: map[string]any{}, ValidationErrors: []compat.ValidationError{},
	}
	if code, ok := compat.Code(f.code); ok {
		body.Code, f.status = &code, http.StatusForbidden
	}
	if f.status == http.StatusInternalServerError {
		body.Data["reference"] = visitOf(r).id
	}
	body.ValidationErrors = validationErrors(r, f.fields)
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="carillon"`)
	}
	q := &request{s: s, w: w, r: r}
	if err := q.json(f.status, compat.Error{Error: body}); err != nil {
		s.logError(r, err)
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// validationErrors lists faults under their names on the wire, in their order.
func validationErrors(r *http.Request, fields map[string]apperr.Fault) []compat.ValidationError {
	list := []compat.ValidationError{}
	seen := map[string]bool{}
	for _, name := range sortedKeys(fields) {
		member := compat.Field(name)
		if seen[member] {
			continue
		}
		seen[member] = true
		text := i18n.Text(r.Context(), i18n.Msg{ID: fields[name].Msg, Args: fields[name].Args})
		list = append(list, compat.ValidationError{Message: text, Members: []string{member}})
	}
	return list
}
