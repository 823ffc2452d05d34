// Package route is the only place where the program's URLs are spelt.
//
// Every builder takes the request's context, which carries the base path under
// which the console is served behind a proxy (see [WithBase]).
package route

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

type baseKey struct{}

// WithBase returns a context whose URLs start with base, such as "/carillon". An empty base means "/".
func WithBase(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey{}, strings.TrimRight(base, "/"))
}

// Base returns the base path of ctx without a trailing slash; "" at the root.
func Base(ctx context.Context) string {
	base, _ := ctx.Value(baseKey{}).(string)
	return base
}

// To returns an absolute path below the base path.
func To(ctx context.Context, path string) string { return Base(ctx) + path }

// Home is the first page.
func Home(ctx context.Context) string   { return To(ctx, "/") }
func Setup(ctx context.Context) string  { return To(ctx, "/setup") }
func Login(ctx context.Context) string  { return To(ctx, "/login") }
func Logout(ctx context.Context) string { return To(ctx, "/logout") }
func Jobs(ctx context.Context) string   { return To(ctx, "/jobs") }
func NewJob(ctx context.Context) string { return To(ctx, "/jobs/new") }

// ImportJobs makes jobs of a crontab.
func ImportJobs(ctx context.Context) string { return To(ctx, "/jobs/import") }
func Runs(ctx context.Context) string       { return To(ctx, "/runs") }
func Audit(ctx context.Context) string      { return To(ctx, "/audit") }
func Users(ctx context.Context) string      { return To(ctx, "/users") }
func System(ctx context.Context) string     { return To(ctx, "/system") }

// AuditExport is the audit as a file; its query is that of [Audit] and "format".
func AuditExport(ctx context.Context) string { return Audit(ctx) + "/export" }

// Settings is the signed-in person's own page: language, theme, zone, password.
func Settings(ctx context.Context) string { return To(ctx, "/settings") }

// SettingsPassword is where one's own new password is posted.
func SettingsPassword(ctx context.Context) string { return Settings(ctx) + "/password" }

// SettingsSession is where the field "id" of a session to end is posted.
func SettingsSession(ctx context.Context) string { return Settings(ctx) + "/sessions" }

// SettingsTokens is where a new API token is posted.
func SettingsTokens(ctx context.Context) string { return Settings(ctx) + "/tokens" }

// SettingsToken is where the field "id" of a token to revoke is posted.
func SettingsToken(ctx context.Context) string { return Settings(ctx) + "/tokens/revoke" }

// SettingsSecond is where a verb about one's own second factor (offer, confirm, codes,
// remove) is posted.
func SettingsSecond(ctx context.Context, verb string) string {
	return Settings(ctx) + "/second/" + url.PathEscape(verb)
}

// LoginCode is the second step of signing in.
func LoginCode(ctx context.Context) string { return Login(ctx) + "/code" }

// UserVerb is where a verb about a user (role, disable, enable, password, second) is posted.
func UserVerb(ctx context.Context, id, verb string) string {
	return Users(ctx) + "/" + url.PathEscape(id) + "/" + url.PathEscape(verb)
}

// Gallery shows every component; in development only.
func Gallery(ctx context.Context) string { return To(ctx, "/gallery") }

// SchedulePreview answers the form's live schedule preview.
func SchedulePreview(ctx context.Context) string { return To(ctx, "/jobs/preview") }

// KindFields answers the parameter fields of one kind for the form.
func KindFields(ctx context.Context) string { return To(ctx, "/jobs/fields") }

// Job is a job's page.
func Job(ctx context.Context, id fmt.Stringer) string { return To(ctx, "/jobs/"+seg(id)) }

// EditJob is the form for an existing job.
func EditJob(ctx context.Context, id fmt.Stringer) string { return Job(ctx, id) + "/edit" }

// CloneJob is the form for a new job that starts as a copy.
func CloneJob(ctx context.Context, id fmt.Stringer) string { return Job(ctx, id) + "/clone" }

// JobVerb is where a verb (pause, resume, start, stop, trigger, delete) is posted.
func JobVerb(ctx context.Context, id fmt.Stringer, verb string) string {
	return Job(ctx, id) + "/" + url.PathEscape(verb)
}

// JobRevision shows one revision of a job.
func JobRevision(ctx context.Context, id fmt.Stringer, revision int64) string {
	return Job(ctx, id) + "/revisions/" + strconv.FormatInt(revision, 10)
}

// JobRunAt leads to the run of a job that was made at a time, in unix milliseconds, which
// the caller adds at the end.
func JobRunAt(ctx context.Context, id fmt.Stringer) string { return Job(ctx, id) + "/at/" }

// RestoreRevision is where the wish to put a revision back in force is posted.
func RestoreRevision(ctx context.Context, id fmt.Stringer, revision int64) string {
	return JobRevision(ctx, id, revision) + "/restore"
}

// BulkJobs is where a verb for many jobs is posted.
func BulkJobs(ctx context.Context) string { return To(ctx, "/jobs/bulk") }

// Run is a run's page.
func Run(ctx context.Context, id fmt.Stringer) string { return To(ctx, "/runs/"+seg(id)) }

// RunOutput is a run's raw output as text.
func RunOutput(ctx context.Context, id fmt.Stringer) string { return Run(ctx, id) + "/output" }

// RunStream is the live stream of a run's output.
func RunStream(ctx context.Context, id fmt.Stringer) string { return Run(ctx, id) + "/stream" }

// RunVerb is where a verb (cancel, retry, delete) is posted.
func RunVerb(ctx context.Context, id fmt.Stringer, verb string) string {
	return Run(ctx, id) + "/" + url.PathEscape(verb)
}

// Events is the live stream of changes that lists listen to.
func Events(ctx context.Context) string { return To(ctx, "/events") }

// With appends a query to a path; an empty query adds nothing.
func With(path string, query url.Values) string {
	if enc := query.Encode(); enc != "" {
		return path + "?" + enc
	}
	return path
}

func seg(id fmt.Stringer) string { return url.PathEscape(id.String()) }
