package control

import (
	"context"
	"time"

	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/job"
)

// Tx runs fn in one read-write transaction, which travels in the context handed to fn:
// every store method called with that context takes part. It commits if fn returns nil.
// Transactions do not nest: InTx inside a transaction is an error.
type Tx interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// JobStore keeps jobs, their revisions and their runs.
//
// Reads of one thing return an apperr NotFound if there is none. Methods named
// …ForUpdate lock the row until the transaction ends and are called in one only.
type JobStore interface {
	Tx

	Job(ctx context.Context, id job.ID) (job.Job, error)
	JobForUpdate(ctx context.Context, id job.ID) (job.Job, error)
	// InsertJob adds a job; a (group, name) in use is an apperr Conflict with code "name_taken".
	InsertJob(ctx context.Context, j job.Job) error
	// UpdateJob writes the whole job, definition and state, guarded by revision == was
	// (0 rows: apperr Conflict "stale"; a name in use: Conflict "name_taken").
	UpdateJob(ctx context.Context, j job.Job, was int64) error
	// UpdateJobStatus writes everything but the definition, source, revision and creation.
	UpdateJobStatus(ctx context.Context, j job.Job) error
	// DeleteJob removes the job and its revisions; its runs stay.
	DeleteJob(ctx context.Context, id job.ID) error

	InsertRevision(ctx context.Context, r job.Revision) error
	Revision(ctx context.Context, id job.ID, revision int64) (job.Revision, error)
	// Revisions returns the newest first, below before (0: from the newest).
	Revisions(ctx context.Context, id job.ID, before int64, limit int) ([]job.Revision, error)

	Jobs(ctx context.Context, f job.Filter, p job.JobPage) (job.Jobs, error)
	// CountJobs counts at most limit jobs, so that it is never unbounded; limit+1 means "more".
	CountJobs(ctx context.Context, f job.Filter, limit int) (int, error)
	// Groups lists all groups with their number of jobs, by name.
	Groups(ctx context.Context) ([]job.GroupCount, error)

	Run(ctx context.Context, id job.RunID) (job.Run, error)
	RunForUpdate(ctx context.Context, id job.RunID) (job.Run, error)
	Runs(ctx context.Context, f job.RunFilter, p job.RunPage) (job.Runs, error)
	CountRuns(ctx context.Context, f job.RunFilter, limit int) (int, error)
	// InsertRuns adds runs and returns the ids that were really added: one whose
	// (job, scheduled_at, attempt) exists already is left out without an error.
	InsertRuns(ctx context.Context, runs []job.Run) ([]job.RunID, error)
	// Live counts the runs in flight of each job; a job without any is absent.
	Live(ctx context.Context, ids []job.ID) (map[job.ID]job.Live, error)
	// OpenRuns returns a job's queued and running runs, oldest first.
	OpenRuns(ctx context.Context, id job.ID) ([]job.Run, error)
	// CancelQueued makes a queued run cancelled; an apperr Conflict "not_queued" if it is not queued.
	CancelQueued(ctx context.Context, id job.RunID, reason job.Reason, by job.By, at time.Time) error
	// RequestCancel notes on a running run that it shall stop; Conflict "not_running" otherwise.
	RequestCancel(ctx context.Context, id job.RunID, reason job.Reason, by job.By) error
	// DeleteRun removes a run in a final state; Conflict "in_flight" otherwise.
	DeleteRun(ctx context.Context, id job.RunID) error

	// Bars returns each job's newest n runs that started or ended, newest first.
	Bars(ctx context.Context, ids []job.ID, n int) (map[job.ID][]job.Bar, error)
	// Stats sums up a job's runs that finished since.
	Stats(ctx context.Context, id job.ID, since time.Time) (job.Stats, error)
	// LastGood returns the newest run of a job that succeeded among the two thousand made
	// before the given run (zero: the newest); false if there is none.
	LastGood(ctx context.Context, id job.ID, before job.Run) (job.Run, bool, error)
	// RunsByID returns those of the runs that exist, in no order.
	RunsByID(ctx context.Context, ids []job.RunID) ([]job.Run, error)
	// Slots counts the final runs made in each of n spans of that width from a time on;
	// each number is at most limit+1, which means "more".
	Slots(ctx context.Context, from time.Time, width time.Duration, n, limit int) ([]job.Slot, error)
}

// AuditStore keeps the audit.
type AuditStore interface {
	// InsertAudit adds an entry as the last link of the chain.
	InsertAudit(ctx context.Context, e audit.Entry) error
	Audit(ctx context.Context, f audit.Filter, after string, limit int) (audit.Page, error)
	// AuditHead returns the noted end of the chain.
	AuditHead(ctx context.Context) (audit.Link, error)
	// AuditChain returns entries in the order of the chain, from the one after a number on.
	AuditChain(ctx context.Context, after int64, limit int) ([]audit.Entry, error)
	// StrayAudit returns an entry that is no part of the chain; false if there is none.
	StrayAudit(ctx context.Context) (audit.Entry, bool, error)
}

// AccountStore keeps users, sessions and tokens.
type AccountStore interface {
	Tx

	// InsertUser adds a user; a name in use (without case) is an apperr Conflict "name_taken".
	InsertUser(ctx context.Context, u access.User) error
	UpdateUser(ctx context.Context, u access.User) error
	User(ctx context.Context, id string) (access.User, error)
	UserByName(ctx context.Context, name string) (access.User, error)
	Users(ctx context.Context) ([]access.User, error)
	HasUsers(ctx context.Context) (bool, error)

	InsertSession(ctx context.Context, s access.Session) error
	Session(ctx context.Context, idHash string) (access.Session, error)
	SaveSessionData(ctx context.Context, idHash, data string) error
	TouchSession(ctx context.Context, idHash string, at time.Time) error
	DeleteSession(ctx context.Context, idHash string) error
	// DeleteUserSessions ends all sessions of a user but the one with hash except, and all
	// half sign-ins.
	DeleteUserSessions(ctx context.Context, userID, except string) error
	UserSessions(ctx context.Context, userID string) ([]access.Session, error)
	// PurgeSessions removes at most limit sessions that expired, or were last seen, before the given times.
	PurgeSessions(ctx context.Context, expiredBefore, idleSince time.Time, limit int) (int, error)

	SecondStore

	InsertToken(ctx context.Context, t access.Token) error
	TokenByHash(ctx context.Context, hash string) (access.Token, error)
	Tokens(ctx context.Context, userID string) ([]access.Token, error)
	TouchToken(ctx context.Context, id string, at time.Time) error
	// DeleteToken removes a token of that user; NotFound otherwise.
	DeleteToken(ctx context.Context, userID, id string) error

	AuditStore
}

// SecondStore keeps second factors and the sign-ins that wait for one.
type SecondStore interface {
	// PutSecondFactor offers a user a new secret, in place of one that is not confirmed; a
	// confirmed one is an apperr Conflict "second_exists".
	PutSecondFactor(ctx context.Context, s access.SecondFactor) error
	// SecondFactor returns a user's second factor, confirmed or not; NotFound if there is none.
	SecondFactor(ctx context.Context, userID string) (access.SecondFactor, error)
	// SecondFactors lists the users whose second factor is confirmed.
	SecondFactors(ctx context.Context) ([]string, error)
	// ConfirmSecondFactor makes the second factor count; NotFound if there is none to confirm.
	ConfirmSecondFactor(ctx context.Context, userID string, at time.Time) error
	// SpendSecondStep notes that a code was used; false if it, or a later one, was before.
	SpendSecondStep(ctx context.Context, userID string, step int64) (bool, error)
	// DeleteSecondFactor removes a second factor with its recovery codes; NotFound if there is none.
	DeleteSecondFactor(ctx context.Context, userID string) error
	// PutRecoveryCodes replaces a user's recovery codes.
	PutRecoveryCodes(ctx context.Context, userID string, hashes []string) error
	// SpendRecoveryCode uses up a recovery code; false if there is none of that hash.
	SpendRecoveryCode(ctx context.Context, userID, hash string) (bool, error)

	// InsertHalfSignIn adds one, in place of the user's others, and removes those that
	// expired before now.
	InsertHalfSignIn(ctx context.Context, h access.HalfSignIn, now time.Time) error
	HalfSignIn(ctx context.Context, idHash string) (access.HalfSignIn, error)
	// DeleteHalfSignIn ends one; NotFound if it has ended.
	DeleteHalfSignIn(ctx context.Context, idHash string) error
}
