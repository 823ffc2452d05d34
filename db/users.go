package db

import (
	"context"
	"strings"

	"carillon/db/sqlgen"
	"carillon/internal/access"
	"carillon/internal/apperr"
)

// InsertUser adds a user; a name in use (without case) is an apperr Conflict "name_taken".
func (s *Store) InsertUser(ctx context.Context, u access.User) error {
	return s.write(ctx, "insert user", func(ctx context.Context, c conn) error {
		return userNameTaken(c.q.InsertUser(ctx, sqlgen.InsertUserParams{
			ID: u.ID, Name: u.Name, NameKey: nameKey(u.Name), Role: string(u.Role), PasswordHash: u.PasswordHash,
			Disabled: u.Disabled, Language: u.Language, Theme: u.Theme, Zone: u.Zone,
			CreatedAt: millisOr(u.CreatedAt, 0), LastSeenAt: millis(u.LastSeenAt),
		}))
	})
}

// UpdateUser writes everything but the id and the creation; a name in use is an apperr
// Conflict "name_taken".
func (s *Store) UpdateUser(ctx context.Context, u access.User) error {
	return s.write(ctx, "update user", func(ctx context.Context, c conn) error {
		n, err := c.q.UpdateUser(ctx, sqlgen.UpdateUserParams{
			ID: u.ID, Name: u.Name, NameKey: nameKey(u.Name), Role: string(u.Role), PasswordHash: u.PasswordHash,
			Disabled: u.Disabled, Language: u.Language, Theme: u.Theme, Zone: u.Zone, LastSeenAt: millis(u.LastSeenAt),
		})
		return found(n, userNameTaken(err))
	})
}

// nameKey is what makes a user's name unique without case.
func nameKey(name string) string { return strings.ToLower(clean(name)) }

// userNameTaken words the failure of a user's unique name.
func userNameTaken(err error) error {
	if duplicate(err, "users_name") {
		return apperr.Wrap(err, apperr.Conflict, "name_taken", "error.db.user_name_taken")
	}
	return err
}

// found turns "no row changed" into an apperr NotFound.
func found(n int64, err error) error {
	if err == nil && n == 0 {
		return notFound()
	}
	return err
}

// User returns a user by id.
func (s *Store) User(ctx context.Context, id string) (access.User, error) {
	return read(ctx, s, "read user", func(ctx context.Context, c conn) (access.User, error) {
		u, err := c.q.GetUser(ctx, id)
		return userOf(u), err
	})
}

// UserByName returns a user by name, without case.
func (s *Store) UserByName(ctx context.Context, name string) (access.User, error) {
	return read(ctx, s, "read user", func(ctx context.Context, c conn) (access.User, error) {
		u, err := c.q.GetUserByNameKey(ctx, nameKey(name))
		return userOf(u), err
	})
}

// Users lists all users by name.
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	return read(ctx, s, "list users", func(ctx context.Context, c conn) ([]access.User, error) {
		rows, err := c.q.ListUsers(ctx)
		return convert(rows, userOf), err
	})
}

// HasUsers reports whether there is any user.
func (s *Store) HasUsers(ctx context.Context) (bool, error) {
	return read(ctx, s, "look for users", func(ctx context.Context, c conn) (bool, error) { return c.q.HasUsers(ctx) })
}

func userOf(u sqlgen.User) access.User {
	return access.User{
		ID: u.ID, Name: u.Name, Role: access.Role(u.Role), PasswordHash: u.PasswordHash, Disabled: u.Disabled,
		Language: u.Language, Theme: u.Theme, Zone: u.Zone,
		CreatedAt: timeUnless(u.CreatedAt, 0), LastSeenAt: timeOf(u.LastSeenAt),
	}
}

// convert applies fn to each item.
func convert[A, B any](items []A, fn func(A) B) []B {
	out := make([]B, 0, len(items))
	for _, item := range items {
		out = append(out, fn(item))
	}
	return out
}
