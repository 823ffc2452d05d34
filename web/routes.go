package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/static"
)

// handler answers a request or returns why it did not.
type handler func(*request) error

// entry is one line of the route table.
type entry struct {
	method string
	path   string // as below the base path; ":name" stands for one segment
	do     handler
	needs  access.Permission
	// stream routes answer for as long as the reader stays; others within slowest.
	stream bool
}

// slowest is how long a request may take.
const slowest = 30 * time.Second

// routes is the whole program as seen from outside.
func (s *Server) routes() []entry {
	table := []entry{
		{"GET", "/healthz", s.healthz, access.Public, false},
		{"GET", "/readyz", s.readyz, access.Public, false},
		{"GET", metricsPath, s.metrics, access.SystemView, false},
		{"GET", static.Prefix + "*", s.asset, access.Public, false},
		{"GET", "/setup", s.setupForm, access.Public, false},
		{"POST", "/setup", s.setup, access.Public, false},
		{"GET", "/login", s.loginForm, access.Public, false},
		{"POST", "/login", s.login, access.Public, false},
		{"GET", "/login/code", s.codeForm, access.Public, false}, // for whoever has shown a password
		{"POST", "/login/code", s.code, access.Public, false},
		{"POST", "/logout", s.logout, access.Public, false},

		{"GET", "/", s.home, access.JobsView, false},
		{"GET", "/events", s.events, access.JobsView, true},

		{"GET", "/audit", s.auditList, access.AuditView, false},
		{"GET", "/audit/export", s.auditExport, access.AuditView, true}, // as long as the reader takes
		{"GET", "/system", s.system, access.SystemView, false},
	}
	if s.Dev {
		table = append(table, entry{"GET", "/gallery", s.gallery, access.Public, false})
	}
	return slices.Concat(table, s.jobRoutes(), s.peopleRoutes(), s.compatRoutes())
}

// jobRoutes are the pages and verbs of jobs and runs.
func (s *Server) jobRoutes() []entry {
	return []entry{
		{"GET", "/jobs", s.jobList, access.JobsView, false},
		{"POST", "/jobs", s.jobCreate, access.JobsCreate, false},
		{"GET", "/jobs/new", s.jobNew, access.JobsCreate, false},
		{"GET", "/jobs/import", s.importForm, access.JobsCreate, false},
		{"POST", "/jobs/import", s.importJobs, access.JobsCreate, false},
		{"GET", "/jobs/preview", s.jobPreview, access.JobsView, false},
		{"GET", "/jobs/fields", s.jobFields, access.JobsView, false},
		{"POST", "/jobs/bulk", s.jobBulk, access.JobsView, false}, // the verb's own right is asked for by control
		{"GET", "/jobs/:id", s.jobShow, access.JobsView, false},
		{"GET", "/jobs/:id/at/:at", s.jobRunAt, access.RunsView, false},
		{"POST", "/jobs/:id", s.jobUpdate, access.JobsUpdate, false},
		{"GET", "/jobs/:id/edit", s.jobEdit, access.JobsUpdate, false},
		{"GET", "/jobs/:id/clone", s.jobClone, access.JobsCreate, false},
		{"GET", "/jobs/:id/revisions/:revision", s.jobRevision, access.JobsView, false},
		{"POST", "/jobs/:id/revisions/:revision/restore", s.jobRestore, access.JobsUpdate, false},
		{"GET", "/jobs/:id/pause", s.jobPauseSheet, access.JobsPause, false},
		{"POST", "/jobs/:id/pause", s.jobPause, access.JobsPause, false},
		{"POST", "/jobs/:id/resume", s.jobResume, access.JobsResume, false},
		{"POST", "/jobs/:id/start", s.jobStart, access.JobsStart, false},
		{"POST", "/jobs/:id/stop", s.jobStop, access.JobsStop, false},
		{"GET", "/jobs/:id/trigger", s.jobTriggerSheet, access.JobsUpdate, false}, // parameters are an editor's
		{"POST", "/jobs/:id/trigger", s.jobTrigger, access.JobsTrigger, false},
		{"POST", "/jobs/:id/delete", s.jobDelete, access.JobsDelete, false},

		{"GET", "/runs", s.runList, access.RunsView, false},
		{"GET", "/runs/:id", s.runShow, access.RunsView, false},
		{"GET", "/runs/:id/output", s.runOutput, access.RunsView, false},
		{"GET", "/runs/:id/stream", s.runStream, access.RunsView, true},
		{"POST", "/runs/:id/cancel", s.runCancel, access.RunsCancel, false},
		{"POST", "/runs/:id/retry", s.runRetry, access.JobsTrigger, false},
		{"POST", "/runs/:id/delete", s.runDelete, access.RunsDelete, false},
	}
}

// peopleRoutes are the pages and verbs of users, and of one's own account.
func (s *Server) peopleRoutes() []entry {
	return []entry{
		{"GET", "/users", s.userList, access.UsersManage, false},
		{"POST", "/users", s.userCreate, access.UsersManage, false},
		{"POST", "/users/:id/role", s.userRole, access.UsersManage, false},
		{"POST", "/users/:id/disable", s.userDisable, access.UsersManage, false},
		{"POST", "/users/:id/enable", s.userEnable, access.UsersManage, false},
		{"POST", "/users/:id/password", s.userPassword, access.UsersManage, false},
		{"POST", "/users/:id/second", s.userSecond, access.UsersManage, false},

		{"GET", "/settings", s.settings, access.OwnAccount, false},
		{"POST", "/settings", s.settingsSave, access.OwnAccount, false},
		{"POST", "/settings/password", s.settingsPassword, access.OwnAccount, false},
		{"POST", "/settings/second/offer", s.secondOffer, access.OwnAccount, false},
		{"POST", "/settings/second/confirm", s.secondConfirm, access.OwnAccount, false},
		{"POST", "/settings/second/codes", s.secondCodes, access.OwnAccount, false},
		{"POST", "/settings/second/remove", s.secondRemove, access.OwnAccount, false},
		{"POST", "/settings/sessions", s.settingsSession, access.OwnAccount, false},
		{"POST", "/settings/tokens", s.settingsTokens, access.OwnAccount, false},
		{"POST", "/settings/tokens/revoke", s.settingsToken, access.OwnAccount, false},
	}
}

// router builds the router from the table.
func (s *Server) router() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = s.address
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		var known *echo.HTTPError
		if errors.As(err, &known) && (known.Code == http.StatusNotFound || known.Code == http.StatusMethodNotAllowed) {
			err = refuse(known.Code, i18n.Msg{})
		}
		r := c.Request()
		if _, failed := s.identify(r); failed == nil { // so that the page is in the reader's language
			r = s.known(r)
		}
		s.fail(c.Response().Writer, r, err)
	}
	for _, route := range s.routes() {
		e.Add(route.method, route.path, s.adapt(route))
	}
	return e
}

// adapt makes a route's handler one of the router.
func (s *Server) adapt(route entry) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		visitOf(r).route = route.path
		if !route.stream {
			limited, cancel := within(r, slowest)
			defer cancel()
			r = limited
		}
		if err := s.authorise(r, route.needs); err != nil {
			s.fail(c.Response().Writer, s.known(r), err)
			return nil
		}
		if route.needs == access.Public && !bare(route.path) {
			if _, err := s.identify(r); err != nil {
				s.fail(c.Response().Writer, r, err)
				return nil
			}
		}
		q := &request{s: s, w: c.Response().Writer, r: s.known(r), c: c, seen: s.Events.Count()}
		if err := route.do(q); err != nil {
			s.fail(q.w, q.r, err)
		}
		return nil
	}
}

// bare reports whether a route must work without looking at who asks: a probe or an asset.
func bare(path string) bool {
	return path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, static.Prefix)
}

// known puts the language of who asks into the request.
func (s *Server) known(r *http.Request) *http.Request {
	if own := visitOf(r).who.user.Language; own != "" {
		return r.WithContext(s.speak(r, own))
	}
	return r
}

// asset serves a static file.
func (s *Server) asset(q *request) error {
	h := q.w.Header()
	h.Del("Vary")
	h.Del("Cache-Control")
	s.Assets.ServeHTTP(q.w, q.r)
	return nil
}
