package control

import (
	"context"
	"fmt"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// NewUser is the input of [Accounts.CreateUser].
type NewUser struct {
	Name     string
	Role     access.Role
	Password string
}

// Users returns all users by name.
func (s *Accounts) Users(ctx context.Context, actor access.Actor) ([]access.User, error) {
	if err := s.need(actor, access.UsersManage); err != nil {
		return nil, err
	}
	users, err := s.store.Users(ctx)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	for i := range users {
		users[i] = bare(users[i])
	}
	return users, nil
}

// CreateUser adds a user. Faults are at the fields name, role and password; a name in use
// is one of them.
func (s *Accounts) CreateUser(ctx context.Context, actor access.Actor, in NewUser) (access.User, error) {
	if err := s.need(actor, access.UsersManage); err != nil {
		return access.User{}, err
	}
	u, err := s.newUser(ctx, in)
	if err != nil {
		return access.User{}, err
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.InsertUser(ctx, u); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.UserCreate, aboutUser(access.User{}, u))
	})
	if apperr.CodeOf(err) == "name_taken" {
		return access.User{}, nameTaken(err)
	}
	if err != nil {
		return access.User{}, fmt.Errorf("create user: %w", err)
	}
	return bare(u), nil
}

// nameTaken puts the conflict beside the field it belongs to.
func nameTaken(cause error) error {
	return &apperr.Error{
		Kind: apperr.Conflict, Code: "name_taken", Op: "create user", Msg: "error.access.name_taken", Err: cause,
		Fields: map[string]apperr.Fault{"name": {Msg: "error.access.name_taken"}},
	}
}

// SetRole changes a user's role. The last enabled administrator stays one: Conflict with
// code "last_admin".
func (s *Accounts) SetRole(ctx context.Context, actor access.Actor, userID string, role access.Role) (access.User, error) {
	var f apperr.Faults
	access.CheckRole(&f, "role", role)
	if err := f.Err(); err != nil {
		return access.User{}, err
	}
	return s.change(ctx, actor, userID, "set role", func(_ context.Context, u *access.User) error {
		u.Role = role
		return nil
	})
}

// SetDisabled bars a user from the console, and ends the user's sessions, or lets the
// user back in. The last enabled administrator stays: Conflict with code "last_admin".
func (s *Accounts) SetDisabled(ctx context.Context, actor access.Actor, userID string, disabled bool) (access.User, error) {
	return s.change(ctx, actor, userID, "disable user", func(ctx context.Context, u *access.User) error {
		u.Disabled = disabled
		if !disabled {
			return nil
		}
		return s.store.DeleteUserSessions(ctx, u.ID, "")
	})
}

// change edits a user for an administrator and records what changed.
func (s *Accounts) change(ctx context.Context, actor access.Actor, userID, op string,
	apply func(ctx context.Context, u *access.User) error) (access.User, error) {
	if err := s.need(actor, access.UsersManage); err != nil {
		return access.User{}, err
	}
	var after access.User
	err := s.edit(ctx, userID, func(ctx context.Context, u *access.User) error {
		before := *u
		if err := apply(ctx, u); err != nil {
			return err
		}
		after = *u
		if err := s.keepAnAdmin(ctx, before, after); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.UserUpdate, aboutUser(before, after))
	})
	if err != nil {
		return access.User{}, fmt.Errorf("%s: %w", op, err)
	}
	return bare(after), nil
}

// keepAnAdmin refuses a change after which nobody could manage users.
func (s *Accounts) keepAnAdmin(ctx context.Context, before, after access.User) error {
	rules := func(u access.User) bool { return u.Role == access.Admin && !u.Disabled }
	if !rules(before) || rules(after) {
		return nil
	}
	users, err := s.store.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.ID != after.ID && rules(u) {
			return nil
		}
	}
	return apperr.New(apperr.Conflict, "last_admin", "error.access.last_admin")
}

// ResetPassword gives a user a new password and ends all the user's sessions.
func (s *Accounts) ResetPassword(ctx context.Context, actor access.Actor, userID, password string) error {
	if err := s.need(actor, access.UsersManage); err != nil {
		return err
	}
	u, err := s.store.User(ctx, userID)
	if apperr.Is(err, apperr.NotFound) {
		return userGone()
	}
	if err != nil {
		return fmt.Errorf("reset password: %w", err)
	}
	return s.setPassword(ctx, actor, u, "", password)
}

// setPassword checks and stores a new password and ends the user's sessions, but the one
// with the hash keep.
func (s *Accounts) setPassword(ctx context.Context, actor access.Actor, u access.User, keep, password string) error {
	var f apperr.Faults
	access.CheckPassword(&f, "password", password, u.Name)
	if err := f.Err(); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.edit(ctx, u.ID, func(ctx context.Context, now *access.User) error {
		now.PasswordHash = hash
		if err := s.store.DeleteUserSessions(ctx, now.ID, keep); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.UserUpdate, subject{kind: "user", id: now.ID, name: now.Name,
			after: map[string]any{"password": "changed"}})
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}
