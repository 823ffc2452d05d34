package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"carillon/internal/access"
	"carillon/internal/control"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(ada, "/users").want(http.StatusOK).contains("olga")
	form := url.Values{"name": {"new.user"}, "role": {"viewer"}, "password": {"short"}}
	w.post(ada, "/users", form).want(http.StatusUnprocessableEntity).contains(`value="new.user"`).lacks(`value="short"`)
	form.Set("password", goodPassword)
	form.Set("role", "emperor")
	w.post(ada, "/users", form).want(http.StatusUnprocessableEntity)
	form.Set("role", "viewer")
	form.Set("name", "OLGA")
	w.post(ada, "/users", form).want(http.StatusUnprocessableEntity)
	form.Set("name", "new.user")
	w.post(ada, "/users", form).want(http.StatusSeeOther).has("Location", "/users")

	path := "/users/" + w.users[olga].ID
	w.post(ada, path+"/role", url.Values{"role": {"editor"}}).want(http.StatusSeeOther)
	if u, _ := w.store.User(t.Context(), w.users[olga].ID); u.Role != access.Editor {
		t.Errorf("role %s", u.Role)
	}
	w.post(ada, path+"/role", url.Values{"role": {"x"}}).want(http.StatusUnprocessableEntity)
	w.post(ada, path+"/password", url.Values{"password": {"short"}}).want(http.StatusUnprocessableEntity)
	w.get(olga, "/jobs").want(http.StatusOK)
	w.post(ada, path+"/password", url.Values{"password": {goodPassword}}).want(http.StatusSeeOther)
	w.get(olga, "/jobs").want(http.StatusSeeOther)

	w.get(ed, "/jobs").want(http.StatusOK)
	w.post(ada, "/users/"+w.users[ed].ID+"/disable", nil).want(http.StatusSeeOther)
	w.get(ed, "/jobs").want(http.StatusSeeOther)
	w.api(ed, http.MethodGet, "", "").want(http.StatusUnauthorized)
	w.post(ada, "/users/"+w.users[ed].ID+"/enable", nil).want(http.StatusSeeOther)
	w.api(ed, http.MethodGet, "", "").want(http.StatusOK)

	w.post(ada, "/users/"+w.users[ada].ID+"/disable", nil).want(http.StatusConflict)
	w.post(ada, "/users/"+w.users[ada].ID+"/role", url.Values{"role": {"viewer"}}).want(http.StatusConflict)
	w.post(ada, "/users/"+noID+"/enable", nil).want(http.StatusNotFound)
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(vic, "/settings").want(http.StatusOK)
	form := url.Values{"language": {"en"}, "theme": {"dark"}, "zone": {"Asia/Shanghai"}}
	w.post(vic, "/settings", form).want(http.StatusSeeOther).has("Location", "/settings")
	w.post(vic, "/settings", url.Values{"theme": {"light"}, "back": {"//evil.example"}}).want(http.StatusSeeOther).has("Location", "/")
	u, err := w.store.User(t.Context(), w.users[vic].ID)
	if err != nil || u.Language != "en" || u.Theme != "light" || u.Zone != "Asia/Shanghai" {
		t.Errorf("stored %+v, %v", u, err)
	}
	w.post(vic, "/settings", url.Values{"zone": {"Mars/Olympus"}}).want(http.StatusUnprocessableEntity)
	w.get(vic, "/system").want(http.StatusOK).contains("Asia/Shanghai")
}

func TestOwnPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	actor := w.users[ada].Actor(access.ViaCLI, "", "")
	user, err := w.accounts.CreateUser(t.Context(), actor, control.NewUser{Name: "pia", Role: access.Viewer, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"here", "there"} {
		if w.cookies[name], err = w.accounts.OpenSession(t.Context(), user, "192.0.2.1", name); err != nil {
			t.Fatal(err)
		}
	}
	const better = "another fine password"
	form := url.Values{"old": {"wrong password"}, "password": {better}, "repeat": {better}}
	w.post("here", "/settings/password", form).want(http.StatusUnprocessableEntity).lacks(better)
	form.Set("old", goodPassword)
	form.Set("repeat", "something else")
	w.post("here", "/settings/password", form).want(http.StatusUnprocessableEntity)
	form.Set("repeat", better)
	w.get("there", "/jobs").want(http.StatusOK)
	w.post("here", "/settings/password", form).want(http.StatusSeeOther)
	w.get("here", "/jobs").want(http.StatusOK)
	w.get("there", "/jobs").want(http.StatusSeeOther)
	w.post("", "/login", url.Values{"name": {"pia"}, "password": {better}}).want(http.StatusSeeOther)
}

func TestOwnSessionsAndTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other, err := w.accounts.OpenSession(t.Context(), w.users[vic], "192.0.2.2", "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	w.cookies["elsewhere"] = other
	w.get(vic, "/settings").want(http.StatusOK).contains("192.0.2.2").lacks(other)
	w.post(olga, "/settings/sessions", url.Values{"id": {access.HashSecret(other)}}).want(http.StatusNotFound)
	w.post(vic, "/settings/sessions", url.Values{"id": {access.HashSecret(other)}}).want(http.StatusSeeOther).has("Location", "/settings")
	w.get("elsewhere", "/jobs").want(http.StatusSeeOther)
	w.post(vic, "/settings/sessions", url.Values{"id": {"others"}}).want(http.StatusSeeOther)
	w.get(vic, "/jobs").want(http.StatusOK)

	for _, days := range []string{"0", "-1", "soon", "99999999999"} {
		w.post(vic, "/settings/tokens", url.Values{"name": {"ci"}, "expires": {days}}).want(http.StatusUnprocessableEntity).contains(`value="ci"`)
	}
	w.post(vic, "/settings/tokens", url.Values{"name": {""}}).want(http.StatusUnprocessableEntity)
	w.post(vic, "/settings/tokens", url.Values{"name": {"ci"}, "expires": {"90"}}).want(http.StatusOK).contains(access.TokenPrefix)
	w.get(vic, "/settings").want(http.StatusOK).contains("ci").lacks(access.TokenPrefix + "A")
	tokens, err := w.accounts.Tokens(t.Context(), w.users[vic].Actor(access.ViaSession, "", ""))
	if err != nil || len(tokens) != 2 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	for _, token := range tokens {
		if token.Name != "ci" {
			continue
		}
		if days := time.Until(token.ExpiresAt).Hours() / 24; days < 89 || days > 91 {
			t.Errorf("expires in %f days", days)
		}
		w.post(olga, "/settings/tokens/revoke", url.Values{"id": {token.ID}}).want(http.StatusNotFound)
		w.post(vic, "/settings/tokens/revoke", url.Values{"id": {token.ID}}).want(http.StatusSeeOther)
	}
	w.post(vic, "/settings/sessions", url.Values{"id": {access.HashSecret(w.cookies[vic])}}).want(http.StatusSeeOther).has("Location", "/login")
	w.get(vic, "/jobs").want(http.StatusSeeOther)
}

func TestTokensOpenTheInterfaceOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("", "/jobs").header("Authorization", "Bearer "+w.tokens[ada]).want(http.StatusSeeOther)
	w.api(ada, http.MethodGet, "", "").want(http.StatusOK)
	for _, header := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer crl_" + access.NewSecret(), "Basic YTpi", w.tokens[ada]} {
		a := w.api("", http.MethodGet, "", "").header("Authorization", header).want(http.StatusUnauthorized)
		a.has("WWW-Authenticate", `Bearer realm="carillon"`).has("Content-Type", "application/json; charset=utf-8")
	}
	// A wrong token is not made good by a cookie.
	c := w.api("", http.MethodGet, "", "").header("Authorization", "Bearer crl_wrong")
	c.r.AddCookie(&http.Cookie{Name: "carillon", Value: w.cookies[ada]})
	c.want(http.StatusUnauthorized)
	// A browser's session works too.
	w.get(vic, "/api/task-management/background-jobs").want(http.StatusOK)
}
