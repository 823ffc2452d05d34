// Package apperr is the program's one vocabulary of failure.
//
// An [Error] says what kind of failure it is, what was being done, and gives a
// sentence that an operator may read. Every other error is an accident: its text
// is logged and never shown.
package apperr

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind classifies a failure; the web layer maps it to a status code.
type Kind string

// The kinds of failure.
const (
	Invalid         Kind = "invalid"         // input that can never be right; Fields says where
	Unauthenticated Kind = "unauthenticated" // nobody is signed in
	Forbidden       Kind = "forbidden"       // signed in, but not permitted, or refused by a rule
	NotFound        Kind = "not_found"       // no such thing, or not visible to the caller
	Conflict        Kind = "conflict"        // the thing changed meanwhile, or is in the wrong state
	Unavailable     Kind = "unavailable"     // try again: draining, database busy, limit reached
	Internal        Kind = "internal"        // a defect or a broken environment
)

// Error is a failure that was expected and is worded for people.
type Error struct {
	Kind Kind
	// Code is a stable name for programs, such as "name_taken". Optional.
	Code string
	// Op says what was being done, as "create job". For logs.
	Op string
	// Msg is an i18n message id or a plain English sentence: what happened and what to do.
	Msg string
	// Args fill the message's placeholders.
	Args map[string]any
	// Fields maps an input field ("name", "schedule.cron", "args.url") to its fault.
	Fields map[string]Fault
	// Err is the cause. Never shown.
	Err error
}

// Fault is one message beside one field.
type Fault struct {
	Msg  string         // i18n message id or plain English
	Args map[string]any // placeholders
}

// Error implements error. The text is for logs.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.Msg)
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(&b, "; %s: %s", f, e.Fields[f].Msg)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of the given kind.
func New(kind Kind, code, msg string) error {
	return &Error{Kind: kind, Code: code, Msg: msg}
}

// Newf is [New] with placeholders for the message.
func Newf(kind Kind, code, msg string, args map[string]any) error {
	return &Error{Kind: kind, Code: code, Msg: msg, Args: args}
}

// Wrap gives a cause a kind and a readable message; it returns nil for a nil cause.
func Wrap(err error, kind Kind, code, msg string) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Code: code, Msg: msg, Err: err}
}

// KindOf returns the kind of the first [Error] in err's chain, or [Internal].
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the code of the first [Error] in err's chain, or "".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Is reports whether err is of the given kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Faults collects the faults of one input. The zero value is ready to use.
type Faults struct{ fields map[string]Fault }

// Add records a fault; the first one of a field wins.
func (f *Faults) Add(field, msg string, kv ...any) {
	if f.fields == nil {
		f.fields = map[string]Fault{}
	}
	if _, taken := f.fields[field]; taken {
		return
	}
	args := map[string]any{}
	for i := 0; i+1 < len(kv); i += 2 {
		args[fmt.Sprint(kv[i])] = kv[i+1]
	}
	f.fields[field] = Fault{Msg: msg, Args: args}
}

// Merge takes over the faults of another invalid error, each field prefixed.
// It returns err unchanged if it is not such an error, else nil.
func (f *Faults) Merge(prefix string, err error) error {
	var e *Error
	if err == nil {
		return nil
	}
	if !errors.As(err, &e) || e.Kind != Invalid || len(e.Fields) == 0 {
		return err
	}
	for name, fault := range e.Fields {
		if f.fields == nil {
			f.fields = map[string]Fault{}
		}
		if _, taken := f.fields[prefix+name]; !taken {
			f.fields[prefix+name] = fault
		}
	}
	return nil
}

// Len returns the number of faulty fields.
func (f *Faults) Len() int { return len(f.fields) }

// Err returns an [Invalid] error that carries the faults, or nil if there are none.
func (f *Faults) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Msg: "error.invalid", Fields: f.fields}
}
