package web_test

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"carillon/internal/access"
	"carillon/internal/control"
)

// enrol makes a user "pia" with a second factor by the pages, as a browser would. It
// returns the secret and the recovery codes.
func (w *world) enrol(t *testing.T) (secret string, codes []string) {
	t.Helper()
	actor := w.users[ada].Actor(access.ViaCLI, "", "")
	u, err := w.accounts.CreateUser(t.Context(), actor, control.NewUser{Name: "pia", Role: access.Viewer, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	w.users["pia"] = u
	if w.cookies["pia"], err = w.accounts.OpenSession(t.Context(), u, "192.0.2.1", "test"); err != nil {
		t.Fatal(err)
	}
	w.post("pia", "/settings/second/offer", url.Values{"old": {"wrong password"}}).want(http.StatusUnprocessableEntity).lacks("data:image/png")
	page := w.post("pia", "/settings/second/offer", url.Values{"old": {goodPassword}}).want(http.StatusOK)
	secret = page.doc().Find("#second code").First().Text()
	src, _ := page.doc().Find("#second img").Attr("src")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(src, "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(raw)); err != nil {
		t.Errorf("no picture: %v", err)
	}
	w.get("pia", "/settings").want(http.StatusOK).lacks(secret, "data:image/png") // only after the password
	w.post("pia", "/settings/second/confirm", url.Values{"code": {"abcdef"}}).want(http.StatusUnprocessableEntity).contains(secret)
	done := w.post("pia", "/settings/second/confirm", url.Values{"code": {code(t, secret, 0)}}).want(http.StatusOK).lacks(secret)
	codes = strings.Fields(done.doc().Find("#second pre").Text())
	if len(codes) != access.RecoveryCodes {
		t.Fatalf("recovery codes %q", codes)
	}
	w.get("pia", "/settings").want(http.StatusOK).lacks(secret, codes[0]).contains("10 recovery codes left")
	return secret, codes
}

// code is what an authenticator app shows, some steps from now.
func code(t *testing.T, secret string, steps int) string {
	t.Helper()
	text, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// half signs pia in with the password and returns the cookie of the sign-in that waits.
func (w *world) half(t *testing.T) *http.Cookie {
	t.Helper()
	form := url.Values{"name": {"pia"}, "password": {goodPassword}, "next": {"/jobs?q=x"}}
	a := w.post("", "/login", form).want(http.StatusSeeOther).has("Location", "/login/code?next="+url.QueryEscape("/jobs?q=x"))
	if a.cookie("carillon") != nil {
		t.Fatal("a password alone opens a session")
	}
	c := a.cookie("carillon-code")
	if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Value == "" {
		t.Fatalf("cookie %+v", c)
	}
	return c
}

// with adds a cookie.
func (c *call) with(cookie *http.Cookie) *call {
	c.r.AddCookie(cookie)
	return c
}

func TestSecondFactorAtTheSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret, codes := w.enrol(t)
	waits := w.half(t)

	// Half a sign-in opens nothing, under either name.
	for _, name := range []string{"carillon", "carillon-code"} {
		w.get("", "/jobs").with(&http.Cookie{Name: name, Value: waits.Value}).want(http.StatusSeeOther).has("Location", "/login?next=%2Fjobs")
	}
	w.get("", "/login/code").want(http.StatusSeeOther).has("Location", "/login")
	page := w.get("", "/login/code?next=%2Fjobs").with(waits).want(http.StatusOK)
	if got, _ := page.doc().Find("input[name=next]").Attr("value"); got != "/jobs" {
		t.Errorf("next is %q", got)
	}
	w.get("", "/login/code?next=//evil.example").with(waits).want(http.StatusOK).lacks("evil.example")

	enter := func(form url.Values) *call { return w.post("", "/login/code", form).with(waits) }
	wrong := enter(url.Values{"code": {"000000"}, "next": {"/jobs"}}).want(http.StatusUnprocessableEntity).lacks("000000")
	if wrong.cookie("carillon") != nil {
		t.Error("a wrong code opens a session")
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"} {
		c := enter(url.Values{"code": {code(t, secret, 1)}})
		c.r.Header.Del("Sec-Fetch-Site")
		c.header(name, value).want(http.StatusForbidden)
	}
	silent := enter(url.Values{"code": {code(t, secret, 1)}})
	silent.r.Header.Del("Sec-Fetch-Site")
	silent.want(http.StatusForbidden)

	in := enter(url.Values{"code": {code(t, secret, 1)}, "next": {"/jobs?q=x"}}).want(http.StatusSeeOther).has("Location", "/jobs?q=x")
	session, gone := in.cookie("carillon"), in.cookie("carillon-code")
	if session == nil || session.Value == waits.Value || gone == nil || gone.MaxAge >= 0 {
		t.Fatalf("cookies %+v, %+v", session, gone)
	}
	w.get("", "/jobs").with(session).want(http.StatusOK)
	again := enter(url.Values{"code": {code(t, secret, 1)}}).want(http.StatusUnprocessableEntity).contains("took too long")
	if again.cookie("carillon") != nil {
		t.Error("a sign-in that is done opens another session")
	}

	waits = w.half(t)
	enter(url.Values{"code": {strings.ToLower(codes[0])}}).want(http.StatusSeeOther).has("Location", "/")
	if log := w.log.String(); strings.Contains(log, secret) || strings.Contains(log, codes[0]) || strings.Contains(log, waits.Value) {
		t.Error("the log tells a secret")
	}
}

func TestSecondFactorOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, old := w.enrol(t)
	w.get(ada, "/users").want(http.StatusOK).contains("/users/" + w.users["pia"].ID + "/second")
	renewed := w.post("pia", "/settings/second/codes", url.Values{"old": {goodPassword}}).want(http.StatusOK).lacks(old[0])
	if n := len(strings.Fields(renewed.doc().Find("#second pre").Text())); n != access.RecoveryCodes {
		t.Errorf("%d new codes", n)
	}
	w.post("pia", "/settings/second/remove", url.Values{"old": {"wrong password"}}).want(http.StatusUnprocessableEntity)
	w.post(ada, "/users/"+w.users["pia"].ID+"/second", nil).want(http.StatusSeeOther).has("Location", "/users")
	w.post(ada, "/users/"+w.users["pia"].ID+"/second", nil).want(http.StatusNotFound)
	w.get("pia", "/settings").want(http.StatusSeeOther) // the sessions ended
	w.post("", "/login", url.Values{"name": {"pia"}, "password": {goodPassword}}).want(http.StatusSeeOther).has("Location", "/")
}
