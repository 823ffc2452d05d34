package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// ChangePassword replaces the actor's own password, which takes the old one, and ends
// the actor's sessions but the one with the given id. Faults are at the fields old and
// password. Wrong old passwords are throttled as sign-ins are.
func (s *Accounts) ChangePassword(ctx context.Context, actor access.Actor, sessionID, old, password string) error {
	if err := s.prove(ctx, actor, old); err != nil {
		return err
	}
	u, err := s.store.User(ctx, actor.UserID)
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	return s.setPassword(ctx, actor, u, access.HashSecret(sessionID), password)
}

// SetPreferences stores how the actor wants to see the console. Language is "en", "zh-CN"
// or "" (as the browser asks), theme "light", "dark" or "" (as the system), zone an IANA
// name or "" (as the server). Faults are at these fields.
func (s *Accounts) SetPreferences(ctx context.Context, actor access.Actor, language, theme, zone string) (access.User, error) {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return access.User{}, err
	}
	if err := checkPreferences(language, theme, zone); err != nil {
		return access.User{}, err
	}
	var after access.User
	err := s.edit(ctx, actor.UserID, func(ctx context.Context, u *access.User) error {
		before := *u
		u.Language, u.Theme, u.Zone = language, theme, zone
		after = *u
		return s.record(ctx, actor, audit.UserUpdate, aboutUser(before, after))
	})
	if err != nil {
		return access.User{}, fmt.Errorf("set preferences: %w", err)
	}
	return bare(after), nil
}

func checkPreferences(language, theme, zone string) error {
	var f apperr.Faults
	if !slices.Contains([]string{"", "en", "zh-CN"}, language) {
		f.Add("language", "error.access.language_unknown")
	}
	if !slices.Contains([]string{"", "light", "dark"}, theme) {
		f.Add("theme", "error.access.theme_unknown")
	}
	// "Local" is not a place: it would mean whatever machine reads it.
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		f.Add("zone", "error.access.zone_unknown")
	}
	return f.Err()
}
