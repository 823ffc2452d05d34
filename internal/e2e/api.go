package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// JobsPath is the root of the compatible interface.
const JobsPath = "/api/task-management/background-jobs"

// API is a client of the JSON interface.
type API struct {
	t     testing.TB
	base  string
	token string
}

// AddAdmin makes an administrator and an API token on the command line.
func (b Binary) AddAdmin(t testing.TB, data, name string) (token string) {
	t.Helper()
	_, stderr, code := b.Run(t, Password+"\n", "user", "add", name, "--role", "admin", "--password-stdin", "--data", data)
	if code != 0 {
		t.Fatalf("user add: exit %d: %s", code, stderr)
	}
	stdout, stderr, code := b.Run(t, "", "token", "create", "--user", name, "--name", "test", "--data", data)
	if code != 0 {
		t.Fatalf("token create: exit %d: %s", code, stderr)
	}
	return strings.TrimSpace(stdout)
}

// Password is the password of the users of these tests.
const Password = "correct horse battery staple"

// API returns a client with a token.
func (p *Process) API(t testing.TB, token string) *API { return &API{t: t, base: p.URL, token: token} }

// Try sends a request and returns the status and the body.
func (a *API) Try(method, path string, body any) (int, []byte) {
	a.t.Helper()
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.base+path, payload)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return resp.StatusCode, raw
}

// Do sends a request that must succeed and decodes the answer into out, unless nil.
func (a *API) Do(method, path string, body, out any) {
	a.t.Helper()
	status, raw := a.Try(method, path, body)
	if status < 200 || status > 299 {
		a.t.Fatalf("%s %s: status %d: %s", method, path, status, raw)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		a.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
}

// CreateJob makes a job and returns its id.
func (a *API) CreateJob(fields map[string]any) string {
	a.t.Helper()
	var made struct{ ID string }
	a.Do(http.MethodPost, JobsPath, fields, &made)
	return made.ID
}

// Log is one ended run on the wire.
type Log struct{ ID, JobName, Message, Exception string }

// Logs returns a job's ended runs, newest first.
func (a *API) Logs(job string) []Log {
	a.t.Helper()
	var page struct{ Items []Log }
	a.Do(http.MethodGet, JobsPath+"/logs?maxResultCount=1000&jobId="+url.QueryEscape(job), nil, &page)
	return page.Items
}
