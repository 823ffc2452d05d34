package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gorilla/sessions"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/page"
)

// setupForm is the page that makes the first administrator. It exists only until there is one.
func (s *Server) setupForm(q *request) error {
	needed, err := s.Accounts.NeedsSetup(q.ctx())
	if err != nil {
		return err
	}
	if !needed {
		return refuse(http.StatusNotFound, i18n.Msg{})
	}
	values := url.Values{}
	if token := q.query().Get("token"); token != "" {
		values.Set("token", token)
	}
	return s.showSetup(q, http.StatusOK, page.Form{Values: values})
}

func (s *Server) showSetup(q *request, status int, form page.Form) error {
	form.Values = withoutSecrets(form.Values)
	shell := s.bareShell(q, i18n.M("web.title.setup"))
	return q.render(status, page.Setup(page.SetupModel{Shell: shell, Form: form}))
}

// setup makes the first administrator and signs in.
func (s *Server) setup(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	needed, err := s.Accounts.NeedsSetup(q.ctx())
	if err != nil {
		return err
	}
	if !needed {
		return refuse(http.StatusNotFound, i18n.Msg{})
	}
	if fault := repeatFault(v); fault != nil {
		return s.showSetup(q, http.StatusUnprocessableEntity, formOf(v, fault))
	}
	user, err := s.Accounts.Setup(q.ctx(), q.actor(), v.Get("token"), v.Get("name"), v.Get("password"))
	if isInput(err) || apperr.CodeOf(err) == "setup_token" {
		return s.showSetup(q, http.StatusUnprocessableEntity, formOf(v, err))
	}
	if err != nil {
		return err
	}
	return s.enter(q, user, route.Home(q.ctx()))
}

// repeatFault reports a password that was not typed twice alike.
func repeatFault(v url.Values) error {
	var faults apperr.Faults
	if v.Has("repeat") && v.Get("repeat") != v.Get("password") {
		faults.Add("repeat", "web.fault.repeat")
	}
	return faults.Err()
}

// loginForm is the sign-in page. While there is nobody who could sign in, it leads to the set-up.
func (s *Server) loginForm(q *request) error {
	next := safeNext(q.r, q.query().Get("next"))
	if q.user().ID != "" {
		http.Redirect(q.w, q.r, next, http.StatusSeeOther)
		return nil
	}
	needed, err := s.Accounts.NeedsSetup(q.ctx())
	if err != nil {
		return err
	}
	if needed {
		http.Redirect(q.w, q.r, route.Setup(q.ctx()), http.StatusSeeOther)
		return nil
	}
	return s.showLogin(q, http.StatusOK, page.Form{Values: url.Values{"next": {next}}})
}

func (s *Server) showLogin(q *request, status int, form page.Form) error {
	form.Values = withoutSecrets(form.Values)
	shell := s.bareShell(q, i18n.M("web.title.login"))
	return q.render(status, page.Login(page.LoginModel{Shell: shell, Form: form}))
}

// login signs in.
func (s *Server) login(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	next := safeNext(q.r, v.Get("next"))
	v.Set("next", next)
	arrival, err := s.Accounts.SignIn(q.ctx(), q.actor(), v.Get("name"), v.Get("password"))
	switch {
	case apperr.Is(err, apperr.Unauthenticated), isInput(err):
		return s.showLogin(q, http.StatusUnprocessableEntity, formOf(v, err))
	case apperr.CodeOf(err) == "throttled":
		f := classify(q.r, err)
		setRetryAfter(q.w, f.wait)
		return s.showLogin(q, f.status, formOf(v, err))
	case err != nil:
		return err
	}
	if arrival.Second != "" {
		return s.askCode(q, arrival.Second, next)
	}
	return s.enter(q, arrival.User, next)
}

// enter begins a new session, whatever the browser had before, and goes on.
func (s *Server) enter(q *request, user access.User, next string) error {
	old, err := s.session(q.r)
	if err != nil {
		return err
	}
	if old.ID != "" {
		if err := s.Accounts.CloseSession(q.ctx(), old.ID); err != nil {
			return err
		}
	}
	options := s.cookieOptions(q.r)
	fresh := sessions.NewSession(s.sessions, cookieName(options))
	fresh.Options = &options
	fresh.Values[userValue] = user
	if err := fresh.Save(q.r, q.w); err != nil {
		return err
	}
	return q.leave(next, i18n.Msg{})
}

// logout ends the session. Signing out twice is no error.
func (s *Server) logout(q *request) error {
	session, err := s.session(q.r)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	if err := session.Save(q.r, q.w); err != nil {
		return err
	}
	return q.leave(route.Login(q.ctx()), i18n.Msg{})
}

// isInput reports whether an error is about what somebody typed, field by field or as a whole.
func isInput(err error) bool {
	var e *apperr.Error
	return errors.As(err, &e) && (e.Kind == apperr.Invalid || len(e.Fields) > 0)
}

// formOf is a form as it was sent, with what is wrong about it.
func formOf(v url.Values, err error) page.Form {
	form := page.Form{Values: v}
	var e *apperr.Error
	if !errors.As(err, &e) {
		return form
	}
	form.Fault = i18n.Msg{ID: e.Msg, Args: e.Args}
	form.Faults = map[string]i18n.Msg{}
	for field, fault := range e.Fields {
		form.Faults[field] = i18n.Msg{ID: fault.Msg, Args: fault.Args}
	}
	return form
}

// withoutSecrets returns the values without passwords, which are never sent back.
func withoutSecrets(v url.Values) url.Values {
	clean := url.Values{}
	for name, values := range v {
		switch name {
		case "password", "repeat", "old", "code":
		default:
			clean[name] = values
		}
	}
	return clean
}
