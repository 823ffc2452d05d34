package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"carillon/db/dbtest"
	"carillon/internal/job"
)

// wireJob is what these tests read of a job.
type wireJob struct {
	ID, Name, Group, Type, Description, ConcurrencyStamp string
	Status, JobType, Priority, Source                    int
	IsEnabled                                            bool
	Interval                                             int
	Cron                                                 *string
	Result                                               *string
	Args                                                 map[string]any
}

type wirePage[T any] struct {
	TotalCount int
	Items      []T
}

// wireError is the body of a refusal.
type wireError struct {
	Error struct {
		Code             *string
		Message          string
		Data             map[string]any
		ValidationErrors []struct {
			Message string
			Members []string
		}
	}
}

func goodBody(name string) string {
	return fmt.Sprintf(`{"name":%q,"group":"ops","type":"console","args":{"message":"hi","unknown":1},"jobType":1,"cron":"0 3 * * *","beginTime":"2026-01-01T00:00:00","unknown":true}`, name)
}

func createJob(w *world, body string) wireJob {
	w.t.Helper()
	var j wireJob
	w.api(ed, http.MethodPost, "", body).want(http.StatusOK).json(&j)
	return j
}

func TestCompatLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := createJob(w, goodBody("a"))
	if j.Type != "Console" || j.Status != 5 || !j.IsEnabled || j.JobType != 1 || j.Args["message"] != "hi" || j.Source != 0 {
		t.Errorf("created %+v", j)
	}
	one := "/" + j.ID
	var read wireJob
	w.api(vic, http.MethodGet, one, "").want(http.StatusOK).json(&read)
	if diff := cmp.Diff(j, read); diff != "" {
		t.Errorf("read (-created +read):\n%s", diff)
	}
	status := func() int {
		var now wireJob
		w.api(vic, http.MethodGet, one, "").want(http.StatusOK).json(&now)
		return now.Status
	}
	steps := []struct {
		verb string
		want int
	}{{"pause", 20}, {"pause", 20}, {"resume", 5}, {"trigger", 5}, {"stop", 30}, {"stop", 30}, {"start", 5}, {"start", 5}}
	for _, step := range steps {
		if a := w.api(olga, http.MethodPut, one+"/"+step.verb, "").want(http.StatusNoContent); a.body != "" {
			t.Errorf("%s answers %q", step.verb, a.body)
		}
		if got := status(); got != step.want {
			t.Errorf("after %s: status %d, want %d", step.verb, got, step.want)
		}
	}
	w.api(ed, http.MethodDelete, one, "").wantError(http.StatusForbidden, "TaskManagement:01002")
	w.api(olga, http.MethodPut, one+"/stop", "").want(http.StatusNoContent)
	w.api(olga, http.MethodPut, one+"/trigger", "").wantError(http.StatusForbidden, "TaskManagement:01001")
	w.api(ed, http.MethodDelete, one, "").want(http.StatusNoContent)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		w.api(ed, method, one, "").wantError(http.StatusNotFound, "")
	}
	w.api(ed, http.MethodPut, one, "{}").wantError(http.StatusNotFound, "")
	w.api(ed, http.MethodPut, one+"/pause", "").wantError(http.StatusNotFound, "")
}

// wantError sends the request and checks the envelope of its refusal.
func (c *call) wantError(status int, code string, members ...string) {
	c.w.t.Helper()
	a := c.want(status).has("Content-Type", "application/json; charset=utf-8")
	var e wireError
	a.json(&e)
	got := ""
	if e.Error.Code != nil {
		got = *e.Error.Code
	}
	if got != code || e.Error.Message == "" || strings.HasPrefix(e.Error.Message, "error.") || strings.HasPrefix(e.Error.Message, "web.") {
		c.w.t.Errorf("%s %s: code %q, message %q", c.r.Method, c.r.URL, got, e.Error.Message)
	}
	var named []string
	for _, v := range e.Error.ValidationErrors {
		if v.Message == "" || strings.HasPrefix(v.Message, "error.") || strings.HasPrefix(v.Message, "web.") {
			c.w.t.Errorf("message of %v is %q", v.Members, v.Message)
		}
		named = append(named, v.Members...)
	}
	if diff := cmp.Diff(members, named); diff != "" {
		c.w.t.Errorf("%s %s: members (-want +got):\n%s", c.r.Method, c.r.URL, diff)
	}
}

func TestCompatRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	createJob(w, goodBody("a"))
	w.api(ed, http.MethodPost, "", goodBody("a")).wantError(http.StatusForbidden, "TaskManagement:01000")
	w.api(ed, http.MethodPost, "", "{}").wantError(http.StatusBadRequest, "", "beginTime", "group", "type", "name")
	w.api(ed, http.MethodPost, "", "{").wantError(http.StatusBadRequest, "")
	w.api(ed, http.MethodPost, "", `{"name":7}`).wantError(http.StatusBadRequest, "", "name")
	body := func(extra string) string {
		return `{"name":"b","group":"ops","type":"Console","args":{"message":"hi"},"beginTime":"2026-01-01T00:00:00Z",` + extra + `}`
	}
	cases := map[string]string{
		`"jobType":1,"cron":"0 0 30 2 *"`:  "cron",
		`"jobType":1,"cron":"TZ=UTC"`:      "cron",
		`"jobType":1`:                      "cron",
		`"jobType":9`:                      "jobType",
		`"priority":1`:                     "priority",
		`"source":3`:                       "source",
		`"maxCount":-1`:                    "maxCount",
		`"maxTryCount":-1`:                 "maxTryCount",
		`"lockTimeOut":-1`:                 "lockTimeOut",
		`"interval":-5`:                    "interval",
		`"endTime":"2025-01-01T00:00:00Z"`: "endTime",
		`"description":"` + strings.Repeat("d", 256) + `"`: "description",
		`"nodeName":"` + strings.Repeat("n", 129) + `"`:    "nodeName",
		`"type":"Teleport"`:          "type",
		`"args":{"message":{"a":1}}`: "args.message",
	}
	for extra, member := range cases {
		w.api(ed, http.MethodPost, "", body(extra)).wantError(http.StatusBadRequest, "", member)
	}
	w.api(ed, http.MethodPost, "", body(`"source":10`)).wantError(http.StatusForbidden, "")
	w.api(vic, http.MethodPost, "", goodBody("b")).wantError(http.StatusForbidden, "")
	w.api("", http.MethodPost, "", goodBody("b")).wantError(http.StatusUnauthorized, "")
	w.api(vic, http.MethodGet, "?status=x", "").wantError(http.StatusBadRequest, "", "status")
	w.api(ed, http.MethodPost, "", "{}").header("Accept-Language", "zh-CN").want(http.StatusBadRequest).contains("此项必填")
}

func TestCompatUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := createJob(w, goodBody("a"))
	one := "/" + j.ID
	var after wireJob
	body := fmt.Sprintf(`{"name":"other","description":"d","priority":25,"isEnabled":true,"concurrencyStamp":%q}`, j.ConcurrencyStamp)
	w.api(ed, http.MethodPut, one, body).want(http.StatusOK).json(&after)
	if after.Name != "a" || after.Description != "d" || after.Priority != 25 || after.ConcurrencyStamp == j.ConcurrencyStamp || *after.Cron != "0 3 * * *" {
		t.Errorf("updated %+v", after)
	}
	w.api(ed, http.MethodPut, one, body).wantError(http.StatusConflict, "")
	w.api(ed, http.MethodPut, one, `{"isEnabled":false}`).want(http.StatusOK).json(&after)
	if after.IsEnabled || after.Status != 30 || after.Description != "d" {
		t.Errorf("disabled %+v", after)
	}
	w.api(ed, http.MethodPut, one, `{"isEnabled":true,"jobType":2,"interval":45}`).want(http.StatusOK).json(&after)
	if !after.IsEnabled || after.JobType != 2 || after.Interval != 45 {
		t.Errorf("enabled %+v", after)
	}
	w.api(ed, http.MethodPut, one, `{"jobType":1,"cron":"soon"}`).wantError(http.StatusBadRequest, "", "cron")
	if got := w.job(job.ID(j.ID)); got.Schedule.Type != job.Interval || got.Schedule.Every != 45 {
		t.Errorf("half saved: %+v", got.Schedule)
	}
}

func TestCompatList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"b", "a", "c"} {
		createJob(w, goodBody(name))
	}
	names := func(query string) (int, string) {
		t.Helper()
		var page wirePage[wireJob]
		w.api(vic, http.MethodGet, query, "").want(http.StatusOK).json(&page)
		var list []string
		for _, j := range page.Items {
			list = append(list, j.Name)
		}
		return page.TotalCount, strings.Join(list, "")
	}
	cases := map[string]struct {
		total int
		names string
	}{
		"":                      {3, "cab"}, // the newest first
		"?sorting=name":         {3, "abc"},
		"?sorting=name%20desc":  {3, "cba"},
		"?sorting=creationTime": {3, "bac"},
		"?sorting=name&maxResultCount=1&skipCount=1": {3, "b"},
		"?skipCount=10":           {3, ""},
		"?filter=a&sorting=name":  {1, "a"},
		"?name=c":                 {1, "c"},
		"?group=none":             {0, ""},
		"?status=5&sorting=name":  {3, "abc"},
		"?status=30":              {0, ""},
		"?status=-1":              {0, ""},
		"?jobType=1&sorting=name": {3, "abc"},
		"?jobType=0":              {0, ""},
		"?priority=15&source=0&isAbandoned=false&type=Console&sorting=name":                        {3, "abc"},
		"?beginCreationTime=2020-01-01T00:00:00&endCreationTime=2099-01-01T00:00:00Z&sorting=name": {3, "abc"},
		"?endCreationTime=2020-01-01": {0, ""},
	}
	for query, want := range cases {
		if total, list := names(query); total != want.total || list != want.names {
			t.Errorf("%q: %d %q, want %d %q", query, total, list, want.total, want.names)
		}
	}
	w.api(vic, http.MethodGet, "?status=30", "").want(http.StatusOK).contains(`{"totalCount":0,"items":[]}`)
}

func TestCompatBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for _, name := range []string{"a", "b"} {
		ids = append(ids, createJob(w, goodBody(name)).ID)
	}
	body := func(ids ...string) string { return `{"jobIds":["` + strings.Join(ids, `","`) + `"]}` }
	state := func(id string) job.State { return w.job(job.ID(id)).State }

	w.api(olga, http.MethodPut, "/bulk-pause", body(ids[0], noID)).wantError(http.StatusNotFound, "")
	if state(ids[0]) != job.Active {
		t.Error("not all or nothing")
	}
	w.api(olga, http.MethodPut, "/"+ids[0]+"/pause", "").want(http.StatusNoContent)
	steps := []struct {
		verb string
		want job.State
	}{{"pause", job.Paused}, {"resume", job.Active}, {"trigger", job.Active}, {"stop", job.Stopped}, {"start", job.Active}}
	for _, step := range steps {
		w.api(olga, http.MethodPut, "/bulk-"+step.verb, body(ids...)).want(http.StatusNoContent)
		for _, id := range ids {
			if got := state(id); got != step.want {
				t.Errorf("after bulk-%s: %s", step.verb, got)
			}
		}
	}
	w.api(olga, http.MethodPut, "/"+ids[0]+"/stop", "").want(http.StatusNoContent)
	w.api(ed, http.MethodPut, "/bulk-delete", body(ids...)).wantError(http.StatusForbidden, "TaskManagement:01002")
	w.api(vic, http.MethodGet, "/"+ids[0], "").want(http.StatusOK)
	w.api(ed, http.MethodDelete, "/bulk-delete", body(ids[0])).want(http.StatusNoContent)
	w.api(vic, http.MethodGet, "/"+ids[0], "").want(http.StatusNotFound)
	for _, verb := range []string{"pause", "resume", "trigger", "start", "stop", "delete"} {
		w.api(ed, http.MethodPut, "/bulk-"+verb, `{"jobIds":[]}`).want(http.StatusNoContent)
		w.api(ed, http.MethodPut, "/bulk-"+verb, `{}`).want(http.StatusNoContent)
	}
	w.api(ed, http.MethodPut, "/bulk-pause", `{"jobIds":"x"}`).wantError(http.StatusBadRequest, "", "jobIds")
}

func TestCompatLogs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := dbtest.AddJob(t, w.store, func(j *job.Job) { j.Group, j.Name = "ops", "a" })
	good := dbtest.AddRun(t, w.store, j, job.RunSucceeded, func(r *job.Run) { r.Result = "fine" })
	bad := dbtest.AddRun(t, w.store, j, job.RunFailed, func(r *job.Run) { r.Error = "exit code 3" })
	open := dbtest.AddRun(t, w.store, j, job.RunRunning)
	ids := func(query string) string {
		t.Helper()
		var page wirePage[struct{ ID string }]
		w.api(vic, http.MethodGet, "/logs"+query, "").want(http.StatusOK).json(&page)
		var list []string
		for _, log := range page.Items {
			list = append(list, map[string]string{good.ID.String(): "good", bad.ID.String(): "bad", open.ID.String(): "open"}[log.ID])
		}
		if page.TotalCount != len(list) && !strings.Contains(query, "maxResultCount") {
			t.Errorf("%q: total %d of %d", query, page.TotalCount, len(list))
		}
		return strings.Join(list, " ")
	}
	for query, want := range map[string]string{
		"": "bad good", "?sorting=runTime": "good bad", "?hasExceptions=true": "bad", "?hasExceptions=false": "good",
		"?jobId=" + j.ID.String() + "&maxResultCount=1": "bad", "?jobId=" + noID: "", "?name=a&group=ops&type=Console": "bad good",
		"?filter=exit": "bad", "?endRunTime=2020-01-01": "",
	} {
		if got := ids(query); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	w.api(vic, http.MethodGet, "/logs/"+bad.ID.String(), "").want(http.StatusOK).contains(`"exception":"exit code 3"`, `"jobName":"a"`)
	w.api(vic, http.MethodGet, "/logs/"+open.ID.String(), "").wantError(http.StatusNotFound, "")
	w.api(vic, http.MethodGet, "/logs/"+noID, "").wantError(http.StatusNotFound, "")
	w.api(olga, http.MethodDelete, "/logs/"+bad.ID.String(), "").wantError(http.StatusForbidden, "")
	w.api(ed, http.MethodDelete, "/logs/"+bad.ID.String(), "").want(http.StatusNoContent)
	w.api(ed, http.MethodDelete, "/logs/"+bad.ID.String(), "").wantError(http.StatusNotFound, "")
	w.api(vic, http.MethodGet, "/logs?hasExceptions=x", "").wantError(http.StatusBadRequest, "", "hasExceptions")
}

func TestCompatDefinitions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.api(vic, http.MethodGet, "/definitions", "").want(http.StatusOK).contains(`"paramters":[`) //nolint:misspell // spelled so by the original
	var got struct {
		Items []struct {
			Name, DisplayName, Description string
			Paramters                      []struct { //nolint:misspell // spelled so by the original
				Name, DisplayName, Description string
				Required                       bool
			}
		}
	}
	a.json(&got)
	if len(got.Items) != 3 || got.Items[0].Name != "Console" || got.Items[0].DisplayName == "" || len(got.Items[0].Paramters) == 0 { //nolint:misspell // spelled so by the original
		t.Errorf("definitions %+v", got)
	}
	en := a.body
	if zh := w.api(vic, http.MethodGet, "/definitions", "").header("Accept-Language", "zh-CN").want(http.StatusOK).body; zh == en {
		t.Error("the same in both languages")
	}
}
