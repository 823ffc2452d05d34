package control

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/ident"
)

// setup is the state of the first-run door. Its token lives in memory only, so that a
// copy of the data folder does not hold it, and every start makes a new one.
type setup struct {
	mu    sync.Mutex
	token string
	done  bool // users are never removed, so "done" is for good
}

// NeedsSetup reports whether there is no user yet. When it says so for the first time,
// it makes the set-up token.
func (s *Accounts) NeedsSetup(ctx context.Context) (bool, error) {
	s.setup.mu.Lock()
	defer s.setup.mu.Unlock()
	return s.needsSetup(ctx)
}

// needsSetup is NeedsSetup for a caller that holds the lock.
func (s *Accounts) needsSetup(ctx context.Context) (bool, error) {
	if s.setup.done {
		return false, nil
	}
	has, err := s.store.HasUsers(ctx)
	if err != nil {
		return false, fmt.Errorf("look for users: %w", err)
	}
	switch {
	case has:
		s.setup.done, s.setup.token = true, ""
	case s.setup.token == "":
		s.setup.token = access.NewSecret()
	}
	return !has, nil
}

// SetupToken returns the token that [Accounts.Setup] asks for, or "" if set-up is done or
// [Accounts.NeedsSetup] was never asked.
func (s *Accounts) SetupToken() string {
	s.setup.mu.Lock()
	defer s.setup.mu.Unlock()
	return s.setup.token
}

// Setup makes the first administrator. It works once: of any number of simultaneous
// claims with the right token one wins, and the others, like all later ones, get
// NotFound. A wrong token is Forbidden with code "setup_token".
func (s *Accounts) Setup(ctx context.Context, from access.Actor, token, name, password string) (access.User, error) {
	s.setup.mu.Lock()
	defer s.setup.mu.Unlock()
	needed, err := s.needsSetup(ctx)
	if err != nil {
		return access.User{}, err
	}
	if !needed {
		return access.User{}, setupDone()
	}
	if !access.SameSecret(token, s.setup.token) {
		return access.User{}, apperr.New(apperr.Forbidden, "setup_token", "error.access.setup_token")
	}
	u, err := s.newUser(ctx, NewUser{Name: name, Role: access.Admin, Password: password})
	if err != nil {
		return access.User{}, err
	}
	if err := s.store.InTx(ctx, func(ctx context.Context) error {
		return s.insertFirst(ctx, from, u)
	}); err != nil {
		return access.User{}, fmt.Errorf("set up: %w", err)
	}
	s.setup.done, s.setup.token = true, ""
	return bare(u), nil
}

// insertFirst adds u only while there is no user. The command line may have added one
// since the last look.
func (s *Accounts) insertFirst(ctx context.Context, from access.Actor, u access.User) error {
	has, err := s.store.HasUsers(ctx)
	if err != nil {
		return err
	}
	if has {
		return setupDone()
	}
	if err := s.store.InsertUser(ctx, u); err != nil {
		return err
	}
	return s.record(ctx, u.Actor(access.ViaSession, from.Address, from.RequestID), audit.UserCreate, aboutUser(access.User{}, u))
}

// newUser checks the input and hashes the password.
func (s *Accounts) newUser(ctx context.Context, in NewUser) (access.User, error) {
	in.Name = strings.TrimSpace(in.Name)
	var f apperr.Faults
	access.CheckName(&f, "name", in.Name)
	access.CheckRole(&f, "role", in.Role)
	access.CheckPassword(&f, "password", in.Password, in.Name)
	if err := f.Err(); err != nil {
		return access.User{}, err
	}
	hash, err := s.hasher.Hash(ctx, in.Password)
	if err != nil {
		return access.User{}, err
	}
	return access.User{ID: ident.New(), Name: in.Name, Role: in.Role, PasswordHash: hash, CreatedAt: s.clock.Now()}, nil
}

func setupDone() error {
	return apperr.New(apperr.NotFound, "setup_done", "error.access.setup_done")
}
