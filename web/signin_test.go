package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"carillon/internal/access"
	"carillon/internal/control"
	"carillon/internal/route"
	"carillon/web"
)

const goodPassword = "correct horse battery"

func TestSetup(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.get("", "/").want(http.StatusSeeOther).has("Location", "/login")
	w.get("", "/login").want(http.StatusSeeOther).has("Location", "/setup")
	token := w.accounts.SetupToken()

	page := w.get("", "/setup?token="+token).want(http.StatusOK)
	if got, _ := page.doc().Find(`input[name=token]`).Attr("value"); got != token {
		t.Errorf("the form's token is %q", got)
	}
	form := url.Values{"token": {"wrong"}, "name": {"ada"}, "password": {goodPassword}, "repeat": {goodPassword}}
	w.post("", "/setup", form).want(http.StatusUnprocessableEntity).contains(`value="ada"`).lacks(goodPassword)

	form.Set("token", token)
	form.Set("repeat", "another one entirely")
	w.post("", "/setup", form).want(http.StatusUnprocessableEntity).lacks(goodPassword)

	form.Set("repeat", goodPassword)
	form.Set("name", "")
	w.post("", "/setup", form).want(http.StatusUnprocessableEntity)

	form.Set("name", "ada")
	a := w.post("", "/setup", form).want(http.StatusSeeOther).has("Location", "/")
	c := a.cookie("carillon")
	if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure {
		t.Fatalf("session cookie %+v", c)
	}
	w.cookies[ada] = c.Value
	w.get(ada, "/").want(http.StatusOK)

	w.get("", "/setup").want(http.StatusNotFound)
	w.post("", "/setup", form).want(http.StatusNotFound)
	if log := w.log.String(); strings.Contains(log, token) || strings.Contains(log, goodPassword) {
		t.Error("the log tells a secret")
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	actor := w.users[ada].Actor(access.ViaCLI, "", "")
	if _, err := w.accounts.CreateUser(t.Context(), actor, control.NewUser{Name: "pia", Role: access.Viewer, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	next := w.get("", "/jobs?q=x").want(http.StatusSeeOther).Header.Get("Location")
	if next != "/login?next="+url.QueryEscape("/jobs?q=x") {
		t.Fatalf("sign-in at %q", next)
	}
	page := w.get("", next).want(http.StatusOK)
	if got, _ := page.doc().Find(`input[name=next]`).Attr("value"); got != "/jobs?q=x" {
		t.Errorf("next is %q", got)
	}
	wrong := url.Values{"name": {"pia"}, "password": {"wrong password"}, "next": {"/jobs?q=x"}}
	refused := w.post("", "/login", wrong).want(http.StatusUnprocessableEntity).contains(`value="pia"`).lacks("wrong password")
	if refused.cookie("carillon") != nil {
		t.Error("a refused sign-in sets a cookie")
	}
	right := url.Values{"name": {"pia"}, "password": {goodPassword}, "next": {"/jobs?q=x"}}
	first := w.post("", "/login", right).want(http.StatusSeeOther).has("Location", "/jobs?q=x").cookie("carillon")

	// Signing in again, from within a session, begins another one and ends the old.
	again := w.post("", "/login", right)
	again.r.AddCookie(&http.Cookie{Name: "carillon", Value: first.Value})
	second := again.want(http.StatusSeeOther).cookie("carillon")
	if second == nil || second.Value == first.Value {
		t.Fatal("the session keeps its id over a sign-in")
	}
	w.cookies["old"], w.cookies["pia"] = first.Value, second.Value
	w.get("old", "/jobs").want(http.StatusSeeOther)
	w.get("pia", "/jobs").want(http.StatusOK)

	// An id that an attacker planted is not taken over.
	planted := w.post("", "/login", right)
	planted.r.AddCookie(&http.Cookie{Name: "carillon", Value: access.NewSecret()})
	if c := planted.want(http.StatusSeeOther).cookie("carillon"); c == nil || c.Value == planted.r.CookiesNamed("carillon")[0].Value {
		t.Error("a planted id became a session")
	}

	out := w.post("pia", "/logout", nil).want(http.StatusSeeOther).has("Location", "/login")
	if c := out.cookie("carillon"); c == nil || c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("cookie after signing out: %+v", c)
	}
	w.get("pia", "/jobs").want(http.StatusSeeOther)
	w.post("", "/logout", nil).want(http.StatusSeeOther)
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := url.Values{"name": {"nobody"}, "password": {"wrong password"}}
	for range 50 {
		a := w.post("", "/login", form).do()
		if a.StatusCode == http.StatusTooManyRequests {
			if a.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
	}
	t.Error("fifty wrong passwords and no throttle")
}

func TestExpiredSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.accounts.CloseSession(t.Context(), w.cookies[vic]); err != nil {
		t.Fatal(err)
	}
	w.get(vic, "/runs?state=bad").want(http.StatusSeeOther).has("Location", "/login?next="+url.QueryEscape("/runs?state=bad"))
	w.get(vic, "/jobs").htmx("jobs-live").header("HX-Current-URL", "http://127.0.0.1:8080/jobs?q=a").
		want(http.StatusUnauthorized).has("HX-Redirect", "/login?next="+url.QueryEscape("/jobs?q=a")).lacks("<form")
	w.get(vic, "/jobs").htmx("jobs-live").header("HX-Current-URL", "http://evil.example//evil.example/").
		want(http.StatusUnauthorized).has("HX-Redirect", "/login")
	w.post(vic, "/jobs/bulk", nil).want(http.StatusSeeOther).has("Location", "/login")
}

func TestCookieOverTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *web.Deps) { d.PublicURL = "https://carillon.example.com" })
	right := url.Values{"name": {"pia"}, "password": {goodPassword}}
	actor := w.users[ada].Actor(access.ViaCLI, "", "")
	if _, err := w.accounts.CreateUser(t.Context(), actor, control.NewUser{Name: "pia", Role: access.Viewer, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	c := w.post("", "/login", right)
	c.r.Host = "carillon.example.com"
	a := c.want(http.StatusSeeOther).has("Strict-Transport-Security", "max-age=31536000")
	cookie := a.cookie("__Host-carillon")
	if cookie == nil || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("cookie %+v", cookie)
	}
}

func TestSafeNext(t *testing.T) {
	t.Parallel()
	bad := []string{
		"", "jobs", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n/evil", "/\x00",
		"http://evil.example/", "https:evil.example", "javascript:alert(1)", "/%09/evil.example", "/%5cevil.example", "/%2f/evil.example",
		"//", "/login", "/logout", "/setup", " /jobs", "/jobs\u2028", "/" + strings.Repeat("a", 3000),
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login", nil)
	for _, next := range bad {
		if got := web.SafeNext(r, next); got != "/" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	for _, next := range []string{"/", "/jobs", "/jobs?q=a%2Fb&after=x", "/runs/1#L5"} {
		if got := web.SafeNext(r, next); got != next {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	below := r.WithContext(route.WithBase(r.Context(), "/carillon"))
	for next, want := range map[string]string{"/carillon/jobs": "/carillon/jobs", "/jobs": "/carillon/", "/carillonx/jobs": "/carillon/", "/carillon/login": "/carillon/"} {
		if got := web.SafeNext(below, next); got != want {
			t.Errorf("below a base path, next %q leads to %q", next, got)
		}
	}
}
