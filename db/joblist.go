package db

import (
	"context"
	"strconv"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// maxPage is the most rows of one page.
const maxPage = 1000

// jobOrder is a sort order of jobs: its columns, which an index has in this order, and
// the key of a job in it.
type jobOrder struct {
	columns []string
	key     func(j job.Job) []any
}

// jobOrderOf returns a sort order; "" is [job.SortGroupName].
func jobOrderOf(sort job.JobSort) (jobOrder, error) {
	id := func(j job.Job) string { return string(j.ID) }
	switch sort {
	case job.SortGroupName, "":
		return jobOrder{[]string{"group_name", "name", "id"}, func(j job.Job) []any { return []any{j.Group, j.Name, id(j)} }}, nil
	case job.SortName:
		return jobOrder{[]string{"name", "id"}, func(j job.Job) []any { return []any{j.Name, id(j)} }}, nil
	case job.SortNextRun:
		return jobOrder{[]string{"next_run_at", "id"}, func(j job.Job) []any { return []any{millisOr(j.NextRunAt, unplanned), id(j)} }}, nil
	case job.SortLastRun:
		return jobOrder{[]string{"last_run_at", "id"}, func(j job.Job) []any { return []any{millisOr(j.LastRunAt, 0), id(j)} }}, nil
	case job.SortCreated:
		return jobOrder{[]string{"created_at", "id"}, func(j job.Job) []any { return []any{millisOr(j.CreatedAt, 0), id(j)} }}, nil
	case job.SortPriority:
		return jobOrder{[]string{"priority", "group_name", "name", "id"}, func(j job.Job) []any {
			return []any{int64(j.Priority), j.Group, j.Name, id(j)}
		}}, nil
	}
	return jobOrder{}, apperr.New(apperr.Invalid, "bad_sort", "error.db.bad_sort")
}

// Jobs returns one page of jobs. Every order walks an index; a search for a text walks
// it until the page is full.
func (s *Store) Jobs(ctx context.Context, f job.Filter, p job.JobPage) (job.Jobs, error) {
	order, err := jobOrderOf(p.Sort)
	if err != nil {
		return job.Jobs{}, err
	}
	limit := pageLimit(p.Limit)
	q, name, err := s.jobPageQuery(f, p, order, limit)
	if err != nil {
		return job.Jobs{}, err
	}
	items, err := list(ctx, s, "list jobs", q, scanJob)
	if err != nil {
		return job.Jobs{}, err
	}
	page := job.Jobs{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		page.Next = encodeCursor(name, order.key(items[limit-1]))
	}
	return page, nil
}

// jobPageQuery builds the query of a page, with one row more than it shows, and the name
// of its order.
func (s *Store) jobPageQuery(f job.Filter, p job.JobPage, order jobOrder, limit int) (*query, string, error) {
	name := "jobs." + strings.Join(order.columns, ".") + "." + strconv.FormatBool(p.Desc)
	var after []any
	if p.After != "" {
		var err error
		if after, err = decodeCursor(p.After, name, order.key(job.Job{})); err != nil {
			return nil, "", err
		}
	}
	q := s.newQuery("SELECT " + jobColumns + " FROM jobs")
	filterJobs(q, f, order.columns[0] == "group_name")
	q.page(order.columns, p.Desc, after, limit+1, p.Offset)
	return q, name, q.err
}

// CountJobs counts at most limit jobs; limit+1 means that there are more.
func (s *Store) CountJobs(ctx context.Context, f job.Filter, limit int) (int, error) {
	q := s.newQuery("SELECT COUNT(*) FROM (SELECT 1 FROM jobs")
	filterJobs(q, f, true)
	q.add(" LIMIT ?) AS bounded", limit+1)
	return count(ctx, s, "count jobs", q)
}

// filterJobs adds the conditions of a filter. byGroup says that the rows come in the
// order of group and name, for which the common filters have an index that keeps it.
func filterJobs(q *query, f job.Filter, byGroup bool) {
	indexed := q.opaque
	if byGroup {
		indexed = func(column string) string { return column }
	}
	equal(q, indexed("state"), single(f.States))
	equal(q, indexed("group_name"), f.Group)
	equal(q, indexed("kind"), f.Kind)
	equal(q, indexed("owner"), f.Owner)
	equal(q, indexed("last_outcome"), f.LastOutcome)
	equal(q, "node", f.Node)
	equal(q, "source", f.Source)
	equal(q, "schedule_type", f.Type)
	if len(f.States) > 1 {
		in(q, q.opaque("state"), f.States)
	}
	in(q, q.opaque("group_name"), f.Groups)
	if f.HideSystem {
		q.where("source <> 'system'")
	}
	if f.Priority != 0 {
		q.where("priority + 0 = ?", int64(f.Priority)) // + 0: not by an index that loses the order
	}
	if f.Abandoned != nil {
		q.where("abandoned = ?", *f.Abandoned)
	}
	if f.Tag != "" {
		q.where(`tags LIKE ? ESCAPE '\'`, containing("\n"+clean(f.Tag)+"\n"))
	}
	if f.Running {
		q.where("EXISTS (SELECT 1 FROM runs WHERE runs.job_id = jobs.id AND runs.state IN ('queued', 'running'))")
	}
	q.contains(strings.ToLower(f.Text), "search")
	q.contains(strings.ToLower(f.Name), "name_key")
	between(q, "created_at + 0", f.CreatedFrom, f.CreatedTo)
	between(q, "last_run_at + 0", f.LastRunFrom, f.LastRunTo)
	if !f.BeginFrom.IsZero() {
		q.where("begin_at >= ?", f.BeginFrom.UnixMilli())
	}
	if !f.EndTo.IsZero() {
		q.where("end_at <= ?", f.EndTo.UnixMilli())
	}
}
