package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/ident"
	"carillon/internal/job"
)

var jobSorts = []job.JobSort{"", job.SortGroupName, job.SortName, job.SortNextRun, job.SortLastRun, job.SortCreated, job.SortPriority}

// addVariedJobs stores jobs whose sort keys repeat, some of them empty.
func addVariedJobs(t *testing.T, s *db.Store, n int) []job.Job {
	t.Helper()
	jobs := make([]job.Job, n)
	for i := range jobs {
		jobs[i] = dbtest.AddJob(t, s, func(j *job.Job) {
			j.Group = []string{"b", "a", "Ä", "B"}[i%4]
			j.Name = fmt.Sprintf("n%02d", i/4)
			j.Priority = job.Priorities()[i%5]
			j.CreatedAt = dbtest.T0().Add(time.Duration(i/3) * time.Second)
			j.NextRunAt = [...]time.Time{{}, dbtest.T0(), dbtest.T0().Add(time.Hour)}[i%3]
			j.LastRunAt = [...]time.Time{{}, dbtest.T0(), dbtest.T0().Add(time.Hour)}[i/2%3]
			j.State = []job.State{job.Active, job.Paused, job.Stopped}[i%3]
		})
	}
	return jobs
}

func TestPagingWalksEveryJobOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		jobs := addVariedJobs(t, s, 41)
		for _, sort := range jobSorts {
			var orders [2][]job.ID
			for d, desc := range []bool{false, true} {
				after := ""
				for pages := 0; ; pages++ {
					page, err := s.Jobs(t.Context(), job.Filter{}, job.JobPage{Sort: sort, Desc: desc, Limit: 4, After: after})
					noError(t, err)
					for _, j := range page.Items {
						orders[d] = append(orders[d], j.ID)
					}
					if after = page.Next; after == "" {
						break
					}
					if pages > len(jobs) {
						t.Fatalf("sort %q does not end", sort)
					}
				}
				if n := len(orders[d]); n != len(jobs) {
					t.Errorf("sort %q desc %v: %d jobs, want %d", sort, desc, n, len(jobs))
				}
			}
			slices.Reverse(orders[1])
			wantEqual(t, orders[1], orders[0])
			seen := slices.Clone(orders[0])
			slices.Sort(seen)
			wantEqual(t, len(slices.Compact(seen)), len(jobs))

			all, err := s.Jobs(t.Context(), job.Filter{}, job.JobPage{Sort: sort, Limit: 5, Offset: 7})
			noError(t, err)
			wantEqual(t, all.Items[0].ID, orders[0][7])
		}
	})
}

func TestOrderOfJobs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		addVariedJobs(t, s, 24)
		keys := map[job.JobSort]func(j job.Job) string{
			job.SortGroupName: func(j job.Job) string { return j.Group + "\x00" + j.Name },
			job.SortName:      func(j job.Job) string { return j.Name },
			job.SortCreated:   func(j job.Job) string { return j.CreatedAt.Format(time.RFC3339) },
			job.SortPriority:  func(j job.Job) string { return fmt.Sprintf("%02d", j.Priority) },
			job.SortLastRun:   func(j job.Job) string { return j.LastRunAt.Format(time.RFC3339) }, // never first
			job.SortNextRun: func(j job.Job) string { // nothing planned last
				if j.NextRunAt.IsZero() {
					return "9"
				}
				return j.NextRunAt.Format(time.RFC3339)
			},
		}
		for sort, key := range keys {
			page, err := s.Jobs(t.Context(), job.Filter{}, job.JobPage{Sort: sort, Limit: 100})
			noError(t, err)
			var got []string
			for _, j := range page.Items {
				got = append(got, key(j))
			}
			if len(got) != 24 || !slices.IsSorted(got) {
				t.Errorf("sort %q: %q", sort, got)
			}
		}
	})
}

func TestBadPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		addVariedJobs(t, s, 3)
		page, err := s.Jobs(ctx, job.Filter{}, job.JobPage{Sort: job.SortName, Limit: 1})
		noError(t, err)
		for _, after := range []string{"x", "!", strings.Repeat("a", 5000), "W10", "bnVsbA", page.Next + "A", page.Next[:len(page.Next)-3]} {
			_, err := s.Jobs(ctx, job.Filter{}, job.JobPage{Sort: job.SortName, Limit: 1, After: after})
			wantError(t, err, apperr.Invalid, "bad_cursor")
			_, err = s.Runs(ctx, job.RunFilter{}, job.RunPage{Limit: 1, After: after})
			wantError(t, err, apperr.Invalid, "bad_cursor")
			_, err = s.Audit(ctx, audit.Filter{}, after, 1)
			wantError(t, err, apperr.Invalid, "bad_cursor")
		}
		_, err = s.Jobs(ctx, job.Filter{}, job.JobPage{Sort: job.SortName, Desc: true, After: page.Next}) // another order's
		wantError(t, err, apperr.Invalid, "bad_cursor")
		_, err = s.Jobs(ctx, job.Filter{}, job.JobPage{Sort: "id; DROP TABLE jobs"})
		wantError(t, err, apperr.Invalid, "bad_sort")
		long := strings.Repeat("x", 501)
		_, err = s.Jobs(ctx, job.Filter{Text: long}, job.JobPage{})
		wantError(t, err, apperr.Invalid, "search_too_long")
		_, err = s.CountJobs(ctx, job.Filter{Text: long}, 1)
		wantError(t, err, apperr.Invalid, "search_too_long")
		_, err = s.Runs(ctx, job.RunFilter{Text: long}, job.RunPage{})
		wantError(t, err, apperr.Invalid, "search_too_long")
	})
}

func TestFilterJobs(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	at := dbtest.T0()
	cases := map[string]struct {
		filter job.Filter
		want   string // names of the jobs found
	}{
		"all":               {job.Filter{}, "alpha beta gamma"},
		"text in name":      {job.Filter{Text: "ALPH"}, "alpha"},
		"text without case": {job.Filter{Text: "straßenbahn ä"}, "gamma"},
		"text in owner":     {job.Filter{Text: "carol"}, "beta"},
		"text in tag":       {job.Filter{Text: "nigh"}, "alpha"},
		"text in group":     {job.Filter{Text: "ops"}, "gamma"},
		"text is literal":   {job.Filter{Text: "100%_"}, "beta"},
		"percent":           {job.Filter{Text: "%"}, "beta"},
		"backslash":         {job.Filter{Text: `\`}, ""},
		"nothing":           {job.Filter{Text: "nothing"}, ""},
		"nul":               {job.Filter{Text: "alp\x00ha"}, "alpha"},
		"name":              {job.Filter{Name: "ET"}, "beta"},
		"name only":         {job.Filter{Name: "carol"}, ""},
		"group":             {job.Filter{Group: "Ops"}, "gamma"},
		"group is exact":    {job.Filter{Group: "ops"}, ""},
		"groups":            {job.Filter{Groups: []string{"Ops", "tests"}}, "alpha beta gamma"},
		"kind":              {job.Filter{Kind: "Shell"}, "beta"},
		"state":             {job.Filter{States: []job.State{job.Paused}}, "beta"},
		"states":            {job.Filter{States: []job.State{job.Paused, job.Stopped}}, "beta gamma"},
		"outcome":           {job.Filter{LastOutcome: job.RunFailed}, "gamma"},
		"tag":               {job.Filter{Tag: "night"}, "alpha"},
		"tag is whole":      {job.Filter{Tag: "nigh"}, ""},
		"tag is literal":    {job.Filter{Tag: "%"}, ""},
		"owner":             {job.Filter{Owner: "carol"}, "beta"},
		"node":              {job.Filter{Node: "db-1"}, "gamma"},
		"source":            {job.Filter{Source: job.SourceSystem}, "gamma"},
		"no system jobs":    {job.Filter{HideSystem: true}, "alpha beta"},
		"priority":          {job.Filter{Priority: job.High}, "alpha"},
		"type":              {job.Filter{Type: job.Interval}, "beta"},
		"abandoned":         {job.Filter{Abandoned: &yes}, "gamma"},
		"not abandoned":     {job.Filter{Abandoned: &no}, "alpha beta"},
		"running":           {job.Filter{Running: true}, "alpha"},
		"created from":      {job.Filter{CreatedFrom: at.Add(time.Hour)}, "beta gamma"},
		"created to":        {job.Filter{CreatedTo: at.Add(time.Hour)}, "alpha beta"},
		"last run":          {job.Filter{LastRunFrom: at, LastRunTo: at}, "beta"},
		"begin":             {job.Filter{BeginFrom: at}, "beta"},
		"end":               {job.Filter{EndTo: at.Add(time.Hour)}, "beta"},
		"several":           {job.Filter{Group: "tests", States: []job.State{job.Active}, Text: "a", HideSystem: true}, "alpha"},
	}
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		alpha := dbtest.AddJob(t, s, func(j *job.Job) {
			j.Name, j.Tags, j.Priority = "alpha", []string{"db", "night"}, job.High
		})
		dbtest.AddJob(t, s, func(j *job.Job) {
			j.Name, j.Owner, j.Kind, j.State, j.Description = "beta", "carol", "Shell", job.Paused, "100%_sure"
			j.Schedule = job.Schedule{Type: job.Interval, Every: 5, BeginAt: at, EndAt: at.Add(time.Hour)}
			j.CreatedAt, j.LastRunAt = at.Add(time.Hour), at
		})
		dbtest.AddJob(t, s, func(j *job.Job) {
			j.Name, j.Group, j.Description, j.State, j.Abandoned = "gamma", "Ops", "STRAßENBAHN Ä", job.Stopped, true
			j.LastOutcome, j.Node, j.Source, j.CreatedAt = job.RunFailed, "db-1", job.SourceSystem, at.Add(2*time.Hour)
		})
		dbtest.AddRun(t, s, alpha, job.RunQueued)
		for name, tc := range cases {
			t.Run(name, func(t *testing.T) {
				for _, sort := range jobSorts {
					page, err := s.Jobs(t.Context(), tc.filter, job.JobPage{Sort: sort, Limit: 10})
					noError(t, err)
					var names []string
					for _, j := range page.Items {
						names = append(names, j.Name)
					}
					slices.Sort(names)
					wantEqual(t, strings.Join(names, " "), tc.want)
					n, err := s.CountJobs(t.Context(), tc.filter, 10)
					noError(t, err)
					wantEqual(t, n, len(names))
				}
			})
		}
		n, err := s.CountJobs(t.Context(), job.Filter{}, 1)
		noError(t, err)
		wantEqual(t, n, 2) // more than one
	})
}

func TestPagingWalksEveryRunOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j := dbtest.AddJob(t, s)
		for i := range 23 {
			dbtest.AddRun(t, s, j, allRunStates[i%len(allRunStates)], func(r *job.Run) {
				r.CreatedAt = dbtest.T0().Add(time.Duration(i*7%5) * time.Second)
			})
		}
		for _, f := range []job.RunFilter{{}, {JobID: j.ID}, {Group: j.Group}, {States: allRunStates}} {
			var orders [2][]string
			for d, ascending := range []bool{false, true} {
				for after, more := "", true; more && len(orders[d]) < 50; more = after != "" {
					page, err := s.Runs(t.Context(), f, job.RunPage{Ascending: ascending, Limit: 3, After: after})
					noError(t, err)
					for _, r := range page.Items {
						orders[d] = append(orders[d], r.CreatedAt.Format(time.RFC3339)+string(r.ID))
					}
					after = page.Next
				}
			}
			if len(orders[1]) != 23 || !slices.IsSorted(orders[1]) {
				t.Errorf("order: %q", orders[1])
			}
			slices.Reverse(orders[0])
			wantEqual(t, orders[0], orders[1])
		}
		page, err := s.Runs(t.Context(), job.RunFilter{}, job.RunPage{Limit: 50, Offset: 20})
		noError(t, err)
		wantEqual(t, len(page.Items), 3)
	})
}

func TestFilterRuns(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	at := dbtest.T0()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		a := dbtest.AddJob(t, s, func(j *job.Job) { j.Name, j.Kind = "Alpha", "Shell" })
		b := dbtest.AddJob(t, s, func(j *job.Job) { j.Name, j.Group = "beta", "ops" })
		dbtest.AddRun(t, s, a, job.RunFailed, func(r *job.Run) {
			r.Result, r.Error, r.NodeID = "1", "Disk 100% full", "n2"
		})
		dbtest.AddRun(t, s, a, job.RunQueued, func(r *job.Run) { r.Result, r.CreatedAt = "2", at.Add(time.Hour) })
		dbtest.AddRun(t, s, b, job.RunSucceeded, func(r *job.Run) {
			r.Result, r.Trigger, r.CreatedAt = "3 OK", job.TriggerAPI, at.Add(2*time.Hour)
		})
		cases := map[string]struct {
			filter job.RunFilter
			want   string
		}{
			"all":            {job.RunFilter{}, "123"},
			"job":            {job.RunFilter{JobID: a.ID}, "12"},
			"group":          {job.RunFilter{Group: "ops"}, "3"},
			"name":           {job.RunFilter{Name: "ALP"}, "12"},
			"kind":           {job.RunFilter{Kind: "Shell"}, "12"},
			"state":          {job.RunFilter{States: []job.RunState{job.RunFailed}}, "1"},
			"success":        {job.RunFilter{States: []job.RunState{job.RunSucceeded}, Group: "ops"}, "3"},
			"states":         {job.RunFilter{States: []job.RunState{job.RunFailed, job.RunSucceeded}}, "13"},
			"state of job":   {job.RunFilter{JobID: a.ID, States: []job.RunState{job.RunSucceeded}}, ""},
			"state of group": {job.RunFilter{Group: "tests", States: []job.RunState{job.RunQueued}}, "2"},
			"trigger":        {job.RunFilter{Triggers: []job.Trigger{job.TriggerAPI, job.TriggerChain}}, "3"},
			"node":           {job.RunFilter{NodeID: "n2"}, "1"},
			"text in error":  {job.RunFilter{Text: "100% FULL"}, "1"},
			"text in result": {job.RunFilter{Text: "ok"}, "3"},
			"text in name":   {job.RunFilter{Text: "alpha"}, "12"},
			"from":           {job.RunFilter{From: at.Add(time.Hour)}, "23"},
			"to":             {job.RunFilter{To: at.Add(time.Hour)}, "12"},
			"ended":          {job.RunFilter{Ended: true}, "13"},
			"error":          {job.RunFilter{HasError: &yes}, "1"},
			"no error":       {job.RunFilter{HasError: &no}, "23"},
		}
		for name, tc := range cases {
			t.Run(name, func(t *testing.T) {
				page, err := s.Runs(t.Context(), tc.filter, job.RunPage{Ascending: true, Limit: 10})
				noError(t, err)
				got := ""
				for _, r := range page.Items {
					got += r.Result[:1]
				}
				wantEqual(t, got, tc.want)
				n, err := s.CountRuns(t.Context(), tc.filter, 10)
				noError(t, err)
				wantEqual(t, n, len(tc.want))
			})
		}
		n, err := s.CountRuns(t.Context(), job.RunFilter{}, 2)
		noError(t, err)
		wantEqual(t, n, 3)
	})
}

func TestAudit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		var all []audit.Entry // newest first
		for i := range 9 {
			e := audit.Entry{
				ID: ident.New(), At: dbtest.T0().Add(time.Duration(i/2) * time.Second), ActorID: "u1",
				ActorName: []string{"alice", "bob"}[i%2], Via: "session", Address: "127.0.0.1", Action: audit.JobCreate,
				Subject: "job", SubjectID: []string{"j1", "j2", "j3"}[i%3], SubjectName: "Ops/nightly", RequestID: "r",
			}
			if i == 4 {
				e.Action, e.Before, e.After, e.Note = audit.JobUpdate, []byte(`{"a":1}`), []byte(`{"a":2}`), "Why 50%"
			}
			noError(t, s.InsertAudit(ctx, e))
			all = append([]audit.Entry{e}, all...)
		}
		walk := func(f audit.Filter) (got []audit.Entry) {
			for after, more := "", true; more && len(got) < 50; more = after != "" {
				page, err := s.Audit(ctx, f, after, 2)
				noError(t, err)
				for _, e := range page.Items {
					if e.Seq == 0 || e.Hash == "" {
						t.Errorf("entry %s is no link of the chain", e.ID)
					}
					e.Seq, e.Hash = 0, ""
					got = append(got, e)
				}
				after = page.Next
			}
			return got
		}
		keep := func(match func(audit.Entry) bool) (want []audit.Entry) {
			for _, e := range all {
				if match(e) {
					want = append(want, e)
				}
			}
			return want
		}
		wantEqual(t, walk(audit.Filter{}), all)
		wantEqual(t, walk(audit.Filter{Action: audit.JobUpdate}), all[4:5])
		wantEqual(t, walk(audit.Filter{Text: "WHY 50%"}), all[4:5])
		wantEqual(t, walk(audit.Filter{SubjectID: "j1", ActorName: "bob", Action: audit.JobCreate}),
			keep(func(e audit.Entry) bool { return e.SubjectID == "j1" && e.ActorName == "bob" }))
		wantEqual(t, walk(audit.Filter{ActorName: "bob", Action: audit.JobCreate}),
			keep(func(e audit.Entry) bool { return e.ActorName == "bob" }))
		wantEqual(t, walk(audit.Filter{From: all[4].At, To: all[4].At}),
			keep(func(e audit.Entry) bool { return e.At.Equal(all[4].At) }))
		wantError(t, s.InsertAudit(ctx, all[0]), apperr.Conflict, "exists")
	})
}
