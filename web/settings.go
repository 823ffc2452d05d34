package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
)

// settings is the reader's own page.
func (s *Server) settings(q *request) error {
	return s.showSettings(q, http.StatusOK, page.SettingsModel{})
}

func (s *Server) showSettings(q *request, status int, m page.SettingsModel) error {
	var err error
	if m.Shell, err = q.shell(i18n.M("web.title.settings"), layout.SectionSettings); err != nil {
		return err
	}
	if m.Preferences.Values == nil {
		u := q.user()
		m.Preferences.Values = url.Values{"language": {u.Language}, "theme": {u.Theme}, "zone": {u.Zone}}
	}
	m.Password.Values = withoutSecrets(m.Password.Values)
	if m.Token.Values == nil {
		m.Token.Values = url.Values{}
	}
	if m.Sessions, err = s.Accounts.Sessions(q.ctx(), q.actor()); err != nil {
		return err
	}
	if m.Tokens, err = s.Accounts.Tokens(q.ctx(), q.actor()); err != nil {
		return err
	}
	if err := s.addSecond(q, &m); err != nil {
		return err
	}
	m.Zones = job.Zones()
	m.Current = visitOf(q.r).who.session
	return q.render(status, page.Settings(m))
}

// settingsSave stores how the reader wants to see the console. What the form did not
// send, as the menu's buttons do not, stays as it is.
func (s *Server) settingsSave(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	u := q.user()
	language, theme, zone := given(v, "language", u.Language), given(v, "theme", u.Theme), given(v, "zone", u.Zone)
	user, err := s.Accounts.SetPreferences(q.ctx(), q.actor(), language, theme, zone)
	if isInput(err) {
		m := page.SettingsModel{Preferences: formOf(v, err)}
		return s.showSettings(q, http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	s.rememberLanguage(q, user.Language)
	back := route.Settings(q.ctx())
	if v.Has("back") {
		back = safeNext(q.r, v.Get("back"))
	}
	if q.htmx() {
		q.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(q.w, q.r, back, http.StatusSeeOther)
	return nil
}

// given returns what a form sent for a field, or what holds if it did not.
func given(v url.Values, field, otherwise string) string {
	if v.Has(field) {
		return strings.TrimSpace(v.Get(field))
	}
	return otherwise
}

// rememberLanguage keeps the language for the sign-in page.
func (s *Server) rememberLanguage(q *request, language string) {
	cookie := &http.Cookie{ //nolint:gosec // Secure where the page is; a language is no secret
		Name: languageCookie, Value: language, Path: s.BasePath + "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		HttpOnly: true, Secure: visitOf(q.r).secure, SameSite: http.SameSiteLaxMode,
	}
	if language == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(q.w, cookie)
}

// settingsPassword changes the reader's own password and signs out everywhere else.
func (s *Server) settingsPassword(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	if err := repeatFault(v); err != nil {
		return s.showSettings(q, http.StatusUnprocessableEntity, page.SettingsModel{Password: formOf(v, err)})
	}
	session, err := s.session(q.r)
	if err != nil {
		return err
	}
	err = s.Accounts.ChangePassword(q.ctx(), q.actor(), session.ID, v.Get("old"), v.Get("password"))
	if isInput(err) {
		return s.showSettings(q, http.StatusUnprocessableEntity, page.SettingsModel{Password: formOf(v, err)})
	}
	if err != nil {
		return err
	}
	return q.leave(route.Settings(q.ctx()), i18n.M("web.done.password"))
}

// settingsSession ends one of the reader's sessions, or all others with the id "others".
func (s *Server) settingsSession(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	if v.Get("id") == "others" {
		session, err := s.session(q.r)
		if err != nil {
			return err
		}
		err = s.Accounts.CloseOtherSessions(q.ctx(), q.actor(), session.ID)
		if err != nil {
			return err
		}
	} else if err := s.Accounts.RevokeSession(q.ctx(), q.actor(), v.Get("id")); err != nil {
		return err
	}
	if v.Get("id") == visitOf(q.r).who.session {
		return q.leave(route.Login(q.ctx()), i18n.Msg{}) // it was this one
	}
	return q.leave(route.Settings(q.ctx()), i18n.M("web.done.session"))
}

// settingsTokens makes an API token and shows it, this once.
func (s *Server) settingsTokens(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	expires, err := tokenLife(v.Get("expires"))
	if err != nil {
		return s.showSettings(q, http.StatusUnprocessableEntity, page.SettingsModel{Token: formOf(v, err)})
	}
	secret, _, err := s.Accounts.CreateToken(q.ctx(), q.actor(), q.user().Name, v.Get("name"), expires)
	if isInput(err) {
		form := formOf(v, err)
		if fault, ok := form.Faults["label"]; ok { // the form calls it its name
			form.Faults["name"] = fault
		}
		return s.showSettings(q, http.StatusUnprocessableEntity, page.SettingsModel{Token: form})
	}
	if err != nil {
		return err
	}
	return s.showSettings(q, http.StatusOK, page.SettingsModel{Secret: secret})
}

// tokenLife reads how many days a token lives; nothing means for ever.
func tokenLife(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	const longest = 10 * 365 // days; control has the last word
	days, err := strconv.Atoi(text)
	if err != nil || days < 1 || days > longest {
		var faults apperr.Faults
		faults.Add("expires", "error.access.expires_range")
		return 0, faults.Err()
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// settingsToken ends one of the reader's tokens.
func (s *Server) settingsToken(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	if err := s.Accounts.RevokeToken(q.ctx(), q.actor(), v.Get("id")); err != nil {
		return err
	}
	return q.leave(route.Settings(q.ctx()), i18n.M("web.done.token_revoke"))
}
