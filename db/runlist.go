package db

import (
	"context"
	"strconv"

	"carillon/internal/job"
)

// Runs returns one page of runs in the order of their creation, newest first unless
// p.Ascending. Every query walks an index in this order; a search for a text walks it
// until the page is full, and ends after five seconds.
func (s *Store) Runs(ctx context.Context, f job.RunFilter, p job.RunPage) (job.Runs, error) {
	limit := pageLimit(p.Limit)
	q, order, err := s.runPageQuery(f, p, limit)
	if err != nil {
		return job.Runs{}, err
	}
	items, err := list(ctx, s, "list runs", q, scanRun)
	if err != nil {
		return job.Runs{}, err
	}
	page := job.Runs{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		page.Next = encodeCursor(order, runKey(items[limit-1]))
	}
	return page, nil
}

func runKey(r job.Run) []any { return []any{millisOr(r.CreatedAt, 0), string(r.ID)} }

// runPageQuery builds the query of a page, with one row more than it shows, and the name
// of its order.
func (s *Store) runPageQuery(f job.RunFilter, p job.RunPage, limit int) (*query, string, error) {
	order := "runs." + strconv.FormatBool(p.Ascending)
	var after []any
	if p.After != "" {
		var err error
		if after, err = decodeCursor(p.After, order, runKey(job.Run{})); err != nil {
			return nil, "", err
		}
	}
	q := s.newQuery("SELECT " + runColumns + " FROM runs")
	filterRuns(q, f)
	q.page([]string{"created_at", "id"}, !p.Ascending, after, limit+1, p.Offset)
	return q, order, q.err
}

// CountRuns counts at most limit runs; limit+1 means that there are more.
func (s *Store) CountRuns(ctx context.Context, f job.RunFilter, limit int) (int, error) {
	q := s.newQuery("SELECT COUNT(*) FROM (SELECT 1 FROM runs")
	filterRuns(q, f)
	q.add(" LIMIT ?) AS bounded", limit+1)
	return count(ctx, s, "count runs", q)
}

// filterRuns adds the conditions of a filter. Of those that have an index, the one that
// leaves the fewest rows decides, and the others are kept from being chosen: a job, then
// a single state other than success, then a group.
func filterRuns(q *query, f job.RunFilter) {
	state := single(f.States)
	byJob := f.JobID != ""
	byState := !byJob && state != "" && (state != job.RunSucceeded || f.Group == "")
	byGroup := !byJob && !byState
	equal(q, "job_id", f.JobID)
	equal(q, q.unless(byState, "state"), state)
	equal(q, q.unless(byGroup, "group_name"), f.Group)
	if len(f.States) > 1 {
		in(q, q.opaque("state"), f.States)
	}
	if f.Ended {
		q.where(q.opaque("state") + " NOT IN ('queued', 'running')")
	}
	equal(q, "kind", f.Kind)
	equal(q, "node_id", f.NodeID)
	in(q, "trigger_type", f.Triggers)
	if f.HasError != nil {
		if *f.HasError {
			q.where("error <> ''")
		} else {
			q.where("error = ''")
		}
	}
	q.contains(lowerASCII(f.Name), "LOWER(name)")
	q.contains(lowerASCII(f.Text), "LOWER(name)", "LOWER(result)", "LOWER(error)")
	between(q, "created_at", f.From, f.To)
}

// unless returns the column as it is if its index is to be used, else [query.opaque].
func (q *query) unless(use bool, column string) string {
	if use {
		return column
	}
	return q.opaque(column)
}
