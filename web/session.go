package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/views/layout"
)

// sessionStore implements [sessions.Store] over the database. The cookie holds an
// opaque id and nothing else; what belongs to the session lies in the database, where
// it can be listed and revoked. A session begins at sign-in: it always has a user.
type sessionStore struct {
	accounts *control.Accounts
	options  func(*http.Request) sessions.Options
	address  echo.IPExtractor
}

var _ sessions.Store = (*sessionStore)(nil)

// Keys of a session's values. Only flash messages are kept between requests.
const (
	userValue    = "user"    // access.User
	sessionValue = "session" // access.Session
	flashValue   = "_flash"  // []any of flash, as gorilla/sessions names it
)

// flash is a message for the next page.
type flash struct {
	Tone layout.Tone    `json:"tone"`
	ID   string         `json:"id"`
	Args map[string]any `json:"args,omitempty"`
}

// kept is the JSON of what lies in the database.
type kept struct {
	Flash []flash `json:"flash,omitempty"`
}

// maxFlash bounds the messages that wait for a page.
const maxFlash = 5

// Get returns the request's session, the same one at each call.
func (st *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New resumes the session whose id the cookie holds. Without one that is valid the
// session is new and has no user. Looking at a page by itself (live updates, streams)
// does not keep the session alive.
func (st *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	s := sessions.NewSession(st, name)
	options := st.options(r)
	s.Options, s.IsNew = &options, true
	cookies := r.CookiesNamed(name)
	if len(cookies) == 0 {
		return s, nil
	}
	id := cookies[0].Value
	user, info, err := st.accounts.ResumeSession(r.Context(), id, touches(r))
	if apperr.Is(err, apperr.Unauthenticated) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("resume session: %w", err)
	}
	s.ID, s.IsNew = id, false
	s.Values[userValue], s.Values[sessionValue] = user, info
	var data kept
	if json.Unmarshal([]byte(info.Data), &data) == nil && len(data.Flash) > 0 {
		messages := make([]any, 0, len(data.Flash))
		for _, f := range data.Flash {
			messages = append(messages, f)
		}
		s.Values[flashValue] = messages
	}
	return s, nil
}

// touches reports whether a request shows that somebody is there: a page was opened or
// something was done. Parts that pages fetch by themselves do not.
func touches(r *http.Request) bool {
	if changes(r.Method) {
		return true
	}
	return r.Header.Get("Hx-Request") == "" && r.Header.Get("Accept") != "text/event-stream"
}

// Save opens a session for its user if it has no id yet, ends it if its MaxAge is
// negative, and otherwise keeps its messages.
func (st *sessionStore) Save(r *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	switch {
	case s.Options.MaxAge < 0:
		if s.ID != "" {
			if err := st.accounts.CloseSession(r.Context(), s.ID); err != nil {
				return err
			}
		}
		http.SetCookie(w, sessions.NewCookie(s.Name(), "", s.Options))
		return nil
	case s.ID == "":
		user, ok := s.Values[userValue].(access.User)
		if !ok {
			return nil // nobody signed in: nothing to keep
		}
		id, err := st.accounts.OpenSession(r.Context(), user, st.address(r), r.UserAgent())
		if err != nil {
			return err
		}
		s.ID, s.IsNew = id, false
		http.SetCookie(w, sessions.NewCookie(s.Name(), id, s.Options))
		return st.keep(r, s)
	default:
		return st.keep(r, s)
	}
}

// keep writes the messages, as many of the newest as there is room for.
func (st *sessionStore) keep(r *http.Request, s *sessions.Session) error {
	var data kept
	messages, _ := s.Values[flashValue].([]any)
	for _, m := range messages[max(0, len(messages)-maxFlash):] {
		if f, ok := m.(flash); ok {
			data.Flash = append(data.Flash, f)
		}
	}
	for {
		raw, err := json.Marshal(data)
		if err != nil {
			return fmt.Errorf("encode session: %w", err)
		}
		if len(raw) <= access.MaxSessionData {
			return st.accounts.SaveSessionData(r.Context(), s.ID, string(raw))
		}
		data.Flash = data.Flash[1:]
	}
}

// hasCookie reports whether a request carries a cookie that may prove something, valid or
// not: of a session or of a sign-in that waits for its second factor.
func (st *sessionStore) hasCookie(r *http.Request) bool {
	options := st.options(r)
	for _, name := range []string{cookieName(options), halfCookieName(options)} {
		if _, err := r.Cookie(name); err == nil {
			return true
		}
	}
	return false
}

// cookieOptions says how the session cookie is set. It lasts as long as the browser
// runs; the database says when the session ends.
func (s *Server) cookieOptions(r *http.Request) sessions.Options {
	return sessions.Options{
		Path: s.BasePath + "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: visitOf(r).secure,
	}
}

// cookieName is the session cookie's name.
func cookieName(o sessions.Options) string { return prefixed(o, "carillon") }

// prefixed adds the prefix with which browsers take a cookie only from secure pages;
// "__Host-" is only for the whole host.
func prefixed(o sessions.Options, name string) string {
	switch {
	case o.Secure && o.Path == "/":
		return "__Host-" + name
	case o.Secure:
		return "__Secure-" + name
	default:
		return name
	}
}

// session returns the request's session.
func (s *Server) session(r *http.Request) (*sessions.Session, error) {
	return s.sessions.Get(r, cookieName(s.cookieOptions(r)))
}

// addFlash keeps a message for the next page. Without a session there is no next page
// to show it on.
func (s *Server) addFlash(w http.ResponseWriter, r *http.Request, tone layout.Tone, text i18n.Msg) error {
	session, err := s.session(r)
	if err != nil || session.ID == "" {
		return err
	}
	session.AddFlash(flash{Tone: tone, ID: text.ID, Args: text.Args})
	return session.Save(r, w)
}

// takeFlash returns the messages kept for this page and forgets them.
func (s *Server) takeFlash(w http.ResponseWriter, r *http.Request) ([]layout.Toast, error) {
	session, err := s.session(r)
	if err != nil || session.ID == "" {
		return nil, err
	}
	var toasts []layout.Toast
	for _, m := range session.Flashes() {
		if f, ok := m.(flash); ok {
			toasts = append(toasts, layout.Toast{Tone: f.Tone, Text: i18n.Msg{ID: f.ID, Args: f.Args}})
		}
	}
	if len(toasts) == 0 {
		return nil, nil
	}
	return toasts, session.Save(r, w)
}
