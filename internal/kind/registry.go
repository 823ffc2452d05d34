package kind

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Registry knows the kinds of work of this build. It does not change after
// [NewRegistry] and is safe for concurrent use.
type Registry struct {
	kinds  []Kind
	specs  []job.KindSpec
	byName map[string]int // lower-case name to index
}

// NewRegistry returns a registry of the kinds, in the order in which people see them.
// Two kinds of the same name, or a kind without one, are an error.
func NewRegistry(kinds ...Kind) (*Registry, error) {
	r := &Registry{byName: map[string]int{}}
	for i, k := range kinds {
		spec := k.Spec()
		key := strings.ToLower(spec.Name)
		if key == "" {
			return nil, errors.New("register kinds: a kind has no name")
		}
		if _, taken := r.byName[key]; taken {
			return nil, fmt.Errorf("register kinds: two kinds are named %q", spec.Name)
		}
		r.byName[key] = i
		r.kinds = append(r.kinds, k)
		r.specs = append(r.specs, spec)
	}
	return r, nil
}

// Specs describes the kinds in their order. The caller must not change what it gets.
func (r *Registry) Specs() []job.KindSpec { return r.specs }

// Find returns the kind of that name, matched without case.
func (r *Registry) Find(name string) (Kind, bool) {
	i, ok := r.byName[strings.ToLower(strings.TrimSpace(name))]
	if !ok {
		return nil, false
	}
	return r.kinds[i], true
}

// Spec returns the description of the kind of that name, matched without case.
func (r *Registry) Spec(name string) (job.KindSpec, bool) {
	i, ok := r.byName[strings.ToLower(strings.TrimSpace(name))]
	if !ok {
		return job.KindSpec{}, false
	}
	return r.specs[i], true
}

// Check says whether args suit the kind, and returns the kind's name as it is
// written and the args as they are to be stored: form texts turned into their JSON
// types, blank ones left out, defaults not filled in. Storing them as JSON and
// checking them again changes nothing. The error is an apperr Invalid with faults
// under "kind", "args" (as a whole) and "args.<parameter>"; a parameter that the
// kind does not have is a fault (see [Registry.Clean]).
func (r *Registry) Check(name string, args job.Args) (string, job.Args, error) {
	var faults apperr.Faults
	if strings.TrimSpace(name) == "" {
		faults.Add("kind", "error.kind.required")
		return "", nil, faults.Err()
	}
	k, ok := r.Find(name)
	if !ok {
		faults.Add("kind", "error.kind.unknown", "kind", Cut(Line(name), 100))
		return "", nil, faults.Err()
	}
	spec, _ := r.Spec(name)
	stored := normalise(spec, args, &faults)
	if faults.Len() == 0 {
		if err := faults.Merge("args.", k.Check(withDefaults(spec, stored))); err != nil {
			return "", nil, fmt.Errorf("check parameters of %s: %w", spec.Name, err)
		}
	}
	if err := faults.Err(); err != nil {
		return "", nil, err
	}
	return spec.Name, stored, nil
}

// Clean returns args without the parameters that the kind does not have, for
// interfaces that ignore unknown fields. Args of an unknown kind stay as they are.
func (r *Registry) Clean(name string, args job.Args) job.Args {
	spec, ok := r.Spec(name)
	if !ok {
		return args
	}
	known := job.Args{}
	for _, p := range spec.Params {
		if v, ok := args[p.Name]; ok {
			known[p.Name] = v
		}
	}
	return known
}

// Prepare returns the kind and the args for an [Execution]: checked, with defaults.
// Errors are those of [Registry.Check]; a fault under "kind" means that this build
// does not have the kind (see [IsUnknown]).
func (r *Registry) Prepare(name string, args job.Args) (Kind, job.Args, error) {
	canonical, stored, err := r.Check(name, args)
	if err != nil {
		return nil, nil, err
	}
	k, _ := r.Find(canonical)
	return k, withDefaults(k.Spec(), stored), nil
}

// Summary returns the kind's one line about what a job with these args does. It
// never fails: for args that cannot be used it is the kind's name.
func (r *Registry) Summary(name string, args job.Args) string {
	k, ready, err := r.Prepare(name, args)
	if err != nil {
		return Line(name)
	}
	return k.Summary(ready)
}

// IsUnknown reports whether err says that there is no such kind.
func IsUnknown(err error) bool {
	var e *apperr.Error
	return errors.As(err, &e) && e.Fields["kind"].Msg == "error.kind.unknown"
}

func withDefaults(spec job.KindSpec, stored job.Args) job.Args {
	full := maps.Clone(stored)
	for _, p := range spec.Params {
		if _, given := full[p.Name]; !given && p.Default != nil {
			full[p.Name] = p.Default
		}
	}
	return full
}
