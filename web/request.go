package web

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
)

// request is what a handler sees of a request and how it answers it.
type request struct {
	s *Server
	w http.ResponseWriter
	r *http.Request
	c echo.Context // only for path parameters
	// seen is how many changes were announced before anything was read for the answer.
	seen uint64
}

func (q *request) ctx() context.Context { return q.r.Context() }

// actor is who acts.
func (q *request) actor() access.Actor { return visitOf(q.r).actor() }

// user is who is signed in; the zero User if nobody is.
func (q *request) user() access.User { return visitOf(q.r).who.user }

// param is a part of the path, such as "id".
func (q *request) param(name string) string { return q.c.Param(name) }

func (q *request) jobID() job.ID { return job.ID(q.param("id")) }

func (q *request) runID() job.RunID { return job.RunID(q.param("id")) }

// query is the URL's query; what cannot be read of it is left out.
func (q *request) query() url.Values { return q.r.URL.Query() }

// form is what a form sent in the body.
func (q *request) form() (url.Values, error) {
	kind, _, err := mime.ParseMediaType(q.r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "multipart/form-data":
		err = q.r.ParseMultipartForm(maxBody)
	default:
		err = q.r.ParseForm()
	}
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		return nil, err
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, i18n.M("web.error.form"))
	}
	return q.r.PostForm, nil //nolint:forbidigo // the field of a request, not the function
}

// zone is where the reader is: the zone in which times are shown that belong to no job.
func (q *request) zone() *time.Location {
	if zone, err := job.LoadZone(q.user().Zone, q.s.Jobs.Zone()); err == nil {
		return zone
	}
	return q.s.Jobs.Zone()
}

// isHTMX reports whether htmx asks, and for a part of a page: when it restores a page
// from the history, it wants the whole.
func isHTMX(r *http.Request) bool {
	return r.Header.Get("Hx-Request") == "true" && r.Header.Get("Hx-History-Restore-Request") != "true"
}

func (q *request) htmx() bool { return isHTMX(q.r) }

// wants reports whether htmx asks for the part of the page with that element id.
func (q *request) wants(id string) bool { return q.htmx() && q.r.Header.Get("Hx-Target") == id }
