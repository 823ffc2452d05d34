// Package ident makes and checks identifiers.
//
// Ids are UUIDs of version 7 in their canonical text form: they sort by creation
// time, which keeps primary-key indexes compact and gives lists a stable order.
package ident

import "github.com/google/uuid"

// New returns a new UUIDv7 as text. It panics only if the system's random source fails.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Valid reports whether s is a UUID in canonical lower-case form.
func Valid(s string) bool {
	id, err := uuid.Parse(s)
	return err == nil && id.String() == s
}
