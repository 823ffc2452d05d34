// Package layout is the frame around every page: document head, left rail, top bar,
// banners and toasts.
package layout

import (
	"time"

	"carillon/internal/access"
	"carillon/internal/i18n"
)

// Section is the part of the console that the rail marks as current.
type Section string

// The sections.
const (
	SectionHome     Section = "home"
	SectionJobs     Section = "jobs"
	SectionRuns     Section = "runs"
	SectionAudit    Section = "audit"
	SectionSystem   Section = "system"
	SectionSettings Section = "settings"
	SectionUsers    Section = "users"
)

// Shell is what every page needs besides its own content.
type Shell struct {
	// Title of the page; a message id or plain text such as a job's name.
	Title   i18n.Msg
	Section Section
	// User is who is signed in; the zero User means nobody, and then rail and menu are left out.
	User access.User
	// Can tells what the user may do, so that nothing forbidden is offered; nil permits nothing.
	Can func(access.Permission) bool
	// Asset turns the name of a static file ("css/app.css") into its URL.
	Asset func(name string) string
	Now   time.Time
	// Zone in which times are shown unless they belong to a job; nil is UTC.
	Zone *time.Location
	// Theme is "light", "dark" or "" (as the system).
	Theme string
	// Query is the text in the search box.
	Query string
	// Path is this page's path and query, to come back to after changing the language.
	Path string
	// Seen marks the changes that this page shows; the stream of changes tells of later ones.
	Seen    string
	Banners []Banner
	// Flash are messages kept from the request before (browsers without htmx).
	Flash   []Toast
	Version string
	Dev     bool // offers the gallery
}

// Allowed reports whether the user may do p.
func (s Shell) Allowed(p access.Permission) bool { return s.Can != nil && s.Can(p) }

// SignedIn reports whether somebody is signed in.
func (s Shell) SignedIn() bool { return s.User.ID != "" }

// URL returns the URL of a static file.
func (s Shell) URL(name string) string {
	if s.Asset == nil {
		return ""
	}
	return s.Asset(name)
}

// Tone colours a banner or toast; a word or shape always goes with it.
type Tone string

// The tones, which are also the five state colours.
const (
	ToneOK      Tone = "ok"
	ToneRunning Tone = "running"
	ToneWaiting Tone = "waiting"
	ToneWarning Tone = "warning"
	ToneFailed  Tone = "failed"
)

// Banner is a thin line above the page: draining, disk low, clock jumped, scheduler late.
type Banner struct {
	Tone Tone
	Text i18n.Msg
}

// Toast is a short message about something just done. With htmx the server sends it
// as the event header HX-Trigger: {"toast":{"tone":"ok","text":"…"}}, already in words.
type Toast struct {
	Tone Tone
	Text i18n.Msg
}
