package web

import (
	"regexp"

	"carillon/internal/job"
)

// masked stands in place of a value that people who may look need not know.
const masked = "••••••"

// secretName matches names of values that are usually secret. Only names decide: a
// value is never searched for what it might be.
var secretName = regexp.MustCompile(`(?i)authorization|cookie|passw|passphrase|secret|token|api[-_]?key|credential|private[-_]?key`)

// maskArgs returns a copy of args for showing, with the values of headers and
// environment variables that are named like secrets masked.
func maskArgs(args job.Args) job.Args {
	if args == nil {
		return nil
	}
	shown := make(job.Args, len(args))
	for name, value := range args {
		shown[name] = maskValue(name, value)
	}
	return shown
}

func maskValue(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		shown := make(map[string]any, len(value))
		for key, v := range value {
			shown[key] = maskValue(key, v)
		}
		return shown
	case []any:
		shown := make([]any, len(value))
		for i, v := range value {
			shown[i] = maskValue(name, v)
		}
		return shown
	case string:
		if value != "" && secretName.MatchString(name) {
			return masked
		}
		return value
	default:
		return value
	}
}
