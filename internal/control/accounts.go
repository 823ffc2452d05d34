package control

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/clock"
	"carillon/internal/ident"
)

// Accounts are the verbs about people: set-up, sign-in, sessions, users and API tokens.
// Each authorises, acts in one transaction, and leaves an audit entry in the same one.
// It is safe for concurrent use.
type Accounts struct {
	store    AccountStore
	hasher   *access.Hasher
	clock    clock.Clock
	throttle *throttle
	setup    setup

	// editing makes changes of users one after another: a user is written whole, and
	// "the last enabled administrator" is a fact about several rows.
	editing sync.Mutex
}

// AccountsDeps is what [NewAccounts] needs.
type AccountsDeps struct {
	Store  AccountStore
	Hasher *access.Hasher
	Clock  clock.Clock
}

// NewAccounts returns the verbs over a store.
func NewAccounts(d AccountsDeps) *Accounts {
	return &Accounts{store: d.Store, hasher: d.Hasher, clock: d.Clock, throttle: newThrottle()}
}

// need returns a Forbidden error unless the actor carries p.
func (s *Accounts) need(actor access.Actor, p access.Permission) error {
	if actor.Can(p) {
		return nil
	}
	return apperr.New(apperr.Forbidden, "forbidden", "error.access.forbidden")
}

// record adds an entry about an account or what belongs to one.
func (s *Accounts) record(ctx context.Context, actor access.Actor, action audit.Action, about subject) error {
	e := audit.Entry{
		ID: ident.New(), At: s.clock.Now(),
		ActorID: actor.UserID, ActorName: actor.Name, Via: string(actor.Via),
		Address: actor.Address, RequestID: actor.RequestID,
		Action: action, Subject: about.kind, SubjectID: about.id, SubjectName: about.name,
	}
	var err error
	if e.Before, err = facts(about.before); err != nil {
		return err
	}
	if e.After, err = facts(about.after); err != nil {
		return err
	}
	if err := s.store.InsertAudit(ctx, e); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

// subject is what an audit entry is about. Before and after are nil when there was, or
// is, nothing.
type subject struct {
	kind, id, name string
	before, after  map[string]any
}

// facts encodes one side of an audit entry.
func facts(m map[string]any) (json.RawMessage, error) {
	if m == nil {
		return nil, nil
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode audit facts: %w", err)
	}
	return raw, nil
}

// aboutUser is the subject of a change from one user to another version of it.
func aboutUser(before, after access.User) subject {
	return subject{kind: "user", id: after.ID, name: after.Name, before: userFacts(before), after: userFacts(after)}
}

// userFacts is what the audit shows of a user; never anything about the password.
func userFacts(u access.User) map[string]any {
	if u.ID == "" {
		return nil
	}
	m := map[string]any{"name": u.Name, "role": u.Role, "disabled": u.Disabled}
	for name, value := range map[string]string{"language": u.Language, "theme": u.Theme, "zone": u.Zone} {
		if value != "" {
			m[name] = value
		}
	}
	return m
}

// bare returns u without its password hash, as it leaves this package.
func bare(u access.User) access.User {
	u.PasswordHash = ""
	return u
}

// touchEvery is how often "last seen" and "last used" are written at most.
const touchEvery = time.Minute

// signInRequired is the one answer for everything that does not prove who somebody is.
func signInRequired() error {
	return apperr.New(apperr.Unauthenticated, "unauthenticated", "error.access.sign_in_required")
}

// userGone is the answer for an unknown user.
func userGone() error {
	return apperr.New(apperr.NotFound, "user_not_found", "error.access.user_not_found")
}
