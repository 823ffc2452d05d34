package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/views/layout"
	"carillon/views/page"
)

// refusal is an answer that HTTP itself calls for: an unknown path, a wrong method.
type refusal struct {
	status int
	text   i18n.Msg // zero: the status' own text
}

// Error implements error.
func (e *refusal) Error() string { return fmt.Sprintf("status %d %s", e.status, e.text.ID) }

// refuse returns an error with that status and text.
func refuse(status int, text i18n.Msg) error { return &refusal{status: status, text: text} }

// failure is an error as it is answered.
type failure struct {
	status int
	code   string
	text   i18n.Msg // worded for people; zero: the status' own text
	fields map[string]apperr.Fault
	wait   int // seconds after which trying again makes sense; 0 unknown
}

// classify is the only place where an error becomes a status.
func classify(r *http.Request, err error) failure {
	var (
		refused *refusal
		tooBig  *http.MaxBytesError
		known   *apperr.Error
	)
	switch {
	case errors.As(err, &refused):
		return failure{status: refused.status, text: refused.text}
	case errors.As(err, &tooBig):
		return failure{status: http.StatusRequestEntityTooLarge}
	case errors.As(err, &known):
		return classifyKnown(r, known)
	case errors.Is(err, context.DeadlineExceeded):
		return failure{status: http.StatusServiceUnavailable, text: i18n.M("web.error.slow")}
	default:
		return failure{status: http.StatusInternalServerError}
	}
}

func classifyKnown(r *http.Request, e *apperr.Error) failure {
	f := failure{code: e.Code, text: i18n.Msg{ID: e.Msg, Args: e.Args}, fields: e.Fields}
	switch e.Kind {
	case apperr.Invalid:
		f.status = http.StatusUnprocessableEntity
		if visitOf(r).api {
			f.status = http.StatusBadRequest
		}
	case apperr.Unauthenticated:
		f.status = http.StatusUnauthorized
	case apperr.Forbidden:
		f.status = http.StatusForbidden
	case apperr.NotFound:
		f.status = http.StatusNotFound
	case apperr.Conflict:
		f.status = http.StatusConflict
	case apperr.Unavailable:
		f.status = http.StatusServiceUnavailable
		if e.Code == "throttled" {
			f.status = http.StatusTooManyRequests
		}
		f.wait, _ = strconv.Atoi(fmt.Sprint(e.Args["seconds"]))
	default:
		// What broke is for the log. The text of a defect helps nobody who reads a page.
		f = failure{status: http.StatusInternalServerError}
	}
	return f
}

// fail answers an error: it logs it once and chooses page, toast or JSON.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if clientGone(r, err) {
		w.WriteHeader(statusClientGone)
		return
	}
	f := classify(r, err)
	if f.status >= http.StatusInternalServerError && f.status != http.StatusServiceUnavailable {
		s.logError(r, err)
	} else {
		s.Log.LogAttrs(r.Context(), slog.LevelDebug, "request refused",
			slog.String("error", err.Error()), slog.String("request", visitOf(r).id))
	}
	setRetryAfter(w, f.wait)
	switch {
	case visitOf(r).api:
		s.failJSON(w, r, f)
	case f.status == http.StatusUnauthorized:
		s.signInFirst(w, r)
	case isHTMX(r):
		s.failToast(w, r, f)
	default:
		s.failPage(w, r, f)
	}
}

// setRetryAfter says when trying again makes sense, if that is known.
func setRetryAfter(w http.ResponseWriter, seconds int) {
	if seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
}

// statusClientGone is written when nobody reads the answer any more; it is for the access log.
const statusClientGone = 499

func (s *Server) logError(r *http.Request, err error) {
	v := visitOf(r)
	s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed",
		slog.String("error", err.Error()), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.String("user", v.who.user.Name), slog.String("request", v.id))
}

// signInFirst leads to the sign-in page. A part of a page would be swapped into the
// page; htmx is told to go there as a whole instead.
func (s *Server) signInFirst(w http.ResponseWriter, r *http.Request) {
	if isHTMX(r) {
		w.Header().Set("Hx-Redirect", loginURL(r))
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, loginURL(r), http.StatusSeeOther) //nolint:gosec // a path of ours, with a "next" that safeNext has seen
}

// failToast leaves the page as it is and says why nothing was done.
func (s *Server) failToast(w http.ResponseWriter, r *http.Request, f failure) {
	toast(w, layout.ToneFailed, i18n.Text(r.Context(), s.failText(r, f)))
	w.Header().Set("Hx-Reswap", "none")
	w.WriteHeader(f.status)
}

// failText is what a failure says; unknown ones name the request, to be found in the log.
func (s *Server) failText(r *http.Request, f failure) i18n.Msg {
	if !f.text.IsZero() {
		return f.text
	}
	known := map[int]string{
		http.StatusForbidden: "web.error.forbidden", http.StatusNotFound: "web.error.not_found",
		http.StatusMethodNotAllowed: "web.error.method", http.StatusRequestEntityTooLarge: "web.error.too_large",
		http.StatusBadRequest: "web.error.bad_request", http.StatusServiceUnavailable: "web.error.unavailable",
	}
	if id, ok := known[f.status]; ok {
		return i18n.M(id)
	}
	return i18n.M("web.error.internal", "reference", visitOf(r).id)
}

func (s *Server) failPage(w http.ResponseWriter, r *http.Request, f failure) {
	q := &request{s: s, w: w, r: r}
	model := page.ErrorModel{
		Shell:  s.bareShell(q, i18n.M("web.title.error")),
		Status: f.status, Form: page.Form{Fault: f.text},
	}
	if f.status == http.StatusInternalServerError {
		model.Reference = visitOf(r).id
	}
	if err := q.render(f.status, page.Error(model)); err != nil {
		s.logError(r, err)
		http.Error(w, i18n.Text(r.Context(), s.failText(r, f)), f.status)
	}
}
