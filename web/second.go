package web

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/gorilla/sessions"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/page"
)

// halfCookieName is the name of the cookie of a sign-in that waits for its second factor.
// It is not the session's: nothing but the two handlers of the code reads it.
func halfCookieName(o sessions.Options) string { return prefixed(o, "carillon-code") }

// setHalf keeps the id of a sign-in that waits; "" forgets it.
func (s *Server) setHalf(q *request, id string) {
	options := s.cookieOptions(q.r)
	options.SameSite = http.SameSiteStrictMode
	if id == "" {
		options.MaxAge = -1
	}
	http.SetCookie(q.w, sessions.NewCookie(halfCookieName(options), id, &options))
}

// half is the id of the sign-in that waits; "" if none does.
func (s *Server) half(q *request) string {
	c, err := q.r.Cookie(halfCookieName(s.cookieOptions(q.r)))
	if err != nil {
		return ""
	}
	return c.Value
}

// askCode goes on to the second step. Whoever was signed in before stays so until it is done.
func (s *Server) askCode(q *request, id, next string) error {
	s.setHalf(q, id)
	query := url.Values{}
	if next != route.Home(q.ctx()) {
		query.Set("next", next)
	}
	return q.leave(route.With(route.LoginCode(q.ctx()), query), i18n.Msg{})
}

// codeForm asks for the code of the second factor.
func (s *Server) codeForm(q *request) error {
	if s.half(q) == "" {
		http.Redirect(q.w, q.r, route.Login(q.ctx()), http.StatusSeeOther)
		return nil
	}
	next := safeNext(q.r, q.query().Get("next"))
	return s.showCode(q, http.StatusOK, page.Form{Values: url.Values{"next": {next}}})
}

func (s *Server) showCode(q *request, status int, form page.Form) error {
	form.Values = withoutSecrets(form.Values)
	shell := s.bareShell(q, i18n.M("access.title.code"))
	return q.render(status, page.Code(page.CodeModel{Shell: shell, Form: form}))
}

// code ends a sign-in with the second factor.
func (s *Server) code(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	next := safeNext(q.r, v.Get("next"))
	v.Set("next", next)
	user, err := s.Accounts.SignInSecond(q.ctx(), q.actor(), s.half(q), v.Get("code"))
	switch {
	case apperr.CodeOf(err) == "wrong_code":
		form := formOf(v, err)
		form.Fault = i18n.Msg{} // it stands at the field
		return s.showCode(q, http.StatusUnprocessableEntity, form)
	case apperr.Is(err, apperr.Unauthenticated): // it does not wait any more: begin anew
		s.setHalf(q, "")
		return s.showLogin(q, http.StatusUnprocessableEntity, formOf(v, err))
	case apperr.CodeOf(err) == "throttled":
		f := classify(q.r, err)
		setRetryAfter(q.w, f.wait)
		return s.showCode(q, f.status, formOf(v, err))
	case err != nil:
		return err
	}
	s.setHalf(q, "")
	return s.enter(q, user, next)
}

// addSecond puts the reader's second factor into the settings page.
func (s *Server) addSecond(q *request, m *page.SettingsModel) error {
	var err error
	if m.Second, err = s.Accounts.SecondFactor(q.ctx(), q.actor()); err != nil {
		return err
	}
	m.SecondForm.Values = withoutSecrets(m.SecondForm.Values)
	// A secret is shown to somebody who has just given the password, and to nobody else.
	if m.SecondPicture == "" || m.Second.Active() || m.Second.Secret == "" {
		m.SecondPicture, m.Second.Secret = "", ""
		return nil
	}
	png, err := access.SecondPicture(m.Second.Secret, q.user().Name)
	m.SecondPicture = "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
	return err
}

// showSecond asks addSecond for the picture.
const showSecond = "show"

// secondOffer makes a secret for the authenticator app and shows it.
func (s *Server) secondOffer(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	err = s.Accounts.OfferSecond(q.ctx(), q.actor(), v.Get("old"))
	return s.answerSecond(q, v, "offer", page.SettingsModel{SecondPicture: showSecond}, err)
}

// secondConfirm turns the second factor on and shows the recovery codes, this once.
func (s *Server) secondConfirm(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	codes, err := s.Accounts.ConfirmSecond(q.ctx(), q.actor(), v.Get("code"))
	return s.answerSecond(q, v, "confirm", page.SettingsModel{RecoveryCodes: codes}, err)
}

// secondCodes makes new recovery codes and shows them, this once.
func (s *Server) secondCodes(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	codes, err := s.Accounts.RenewRecoveryCodes(q.ctx(), q.actor(), v.Get("old"))
	return s.answerSecond(q, v, "codes", page.SettingsModel{RecoveryCodes: codes}, err)
}

// secondRemove turns the second factor off.
func (s *Server) secondRemove(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	if err := s.Accounts.RemoveSecond(q.ctx(), q.actor(), v.Get("old")); err != nil {
		return s.answerSecond(q, v, "remove", page.SettingsModel{}, err)
	}
	return q.leave(route.Settings(q.ctx()), i18n.M("access.done.second_remove"))
}

// answerSecond shows the settings after a verb, or the form with what is wrong about it.
func (s *Server) answerSecond(q *request, v url.Values, verb string, m page.SettingsModel, err error) error {
	if isInput(err) {
		m = page.SettingsModel{SecondForm: formOf(v, err), SecondVerb: verb}
		if verb == "confirm" {
			m.SecondPicture = showSecond // the code may have been mistyped
		}
		return s.showSettings(q, http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	return s.showSettings(q, http.StatusOK, m)
}
