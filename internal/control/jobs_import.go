package control

import (
	"context"
	"encoding/json"
	"strconv"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Imported is what became of one definition of an import.
type Imported struct {
	Job job.Job // without an ID if it was not created
	// Same is the name of a job of the group that does the same at the same times; "" if there is none.
	Same string
	Err  error // why it was not created
}

// Import adds jobs that come from elsewhere. They are stopped, so that nothing fires
// twice while the old place still runs them. A name in use gets a number. What the group
// has already is left out, so that an import may be repeated. Each definition stands for
// itself. With dryRun nothing is saved. An error ends the import; what it did stays.
func (c *Jobs) Import(ctx context.Context, a access.Actor, defs []job.Definition, dryRun bool) ([]Imported, error) {
	if err := allow(a, access.JobsCreate, job.SourceImport); err != nil {
		return nil, err
	}
	there := map[string]*groupContent{}
	results := make([]Imported, 0, len(defs))
	for _, def := range defs {
		def, err := c.Validate(ctx, def)
		if err != nil {
			results = append(results, Imported{Job: job.Job{Definition: def}, Err: err})
			continue
		}
		group := there[def.Group]
		if group == nil {
			if group, err = c.contentOf(ctx, def.Group); err != nil {
				return nil, err
			}
			there[def.Group] = group
		}
		result, err := c.importOne(ctx, a, def, group, dryRun)
		if err != nil {
			return results, err
		}
		results = append(results, result)
	}
	return results, nil
}

// importOne adds one valid definition. What is wrong with it stands in the result; the
// error is about everything else.
func (c *Jobs) importOne(ctx context.Context, a access.Actor, def job.Definition, group *groupContent, dryRun bool) (Imported, error) {
	result := Imported{Job: job.Job{Definition: def}, Same: group.byWork[workOf(def)]}
	if result.Same != "" {
		return result, nil
	}
	result.Job.Name = group.free(def.Name)
	if !dryRun {
		made, err := c.Create(ctx, a, NewJob{Definition: result.Job.Definition, Source: job.SourceImport, Stopped: true})
		switch {
		case apperr.Is(err, apperr.Invalid) || apperr.Is(err, apperr.Conflict):
			result.Err = err
			return result, nil
		case err != nil:
			return result, err
		}
		result.Job = made
	}
	group.add(result.Job.Definition)
	return result, nil
}

// groupContent is what a group holds, by name and by what it does.
type groupContent struct {
	names  map[string]bool
	byWork map[string]string
}

func (g *groupContent) add(def job.Definition) {
	g.names[def.Name] = true
	g.byWork[workOf(def)] = def.Name
}

// free returns the name, with a number if it is in use.
func (g *groupContent) free(name string) string {
	for n, free := 2, name; ; n++ {
		if !g.names[free] {
			return free
		}
		number := " " + strconv.Itoa(n)
		runes := []rune(name)
		free = string(runes[:min(len(runes), job.MaxName-len(number))]) + number
	}
}

// contentOf reads a whole group.
func (c *Jobs) contentOf(ctx context.Context, group string) (*groupContent, error) {
	g := &groupContent{names: map[string]bool{}, byWork: map[string]string{}}
	all, err := c.allJobs(ctx, job.Filter{Group: group})
	for _, j := range all {
		g.add(j.Definition)
	}
	return g, err
}

// allJobs reads all jobs that a filter selects, by group and name.
func (c *Jobs) allJobs(ctx context.Context, f job.Filter) ([]job.Job, error) {
	const most = 1000
	var all []job.Job
	page := job.JobPage{Sort: job.SortGroupName, Limit: most}
	for {
		jobs, err := c.d.Store.Jobs(ctx, f, page)
		if err != nil {
			return nil, err
		}
		all = append(all, jobs.Items...)
		if jobs.Next == "" {
			return all, nil
		}
		page.After = jobs.Next
	}
}

// workOf tells apart what jobs do and when. The anchor of an interval does not count:
// it is the time of the import.
func workOf(def job.Definition) string {
	s := def.Schedule
	raw, err := json.Marshal([]any{def.Kind, def.Args, s.Type, s.Cron, s.Zone, s.Every})
	if err != nil {
		return ""
	}
	return string(raw)
}
