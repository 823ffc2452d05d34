package job

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"carillon/internal/apperr"
)

//go:embed zones.txt
var zoneList string

// Zones lists the canonical IANA time zones, sorted, for a picker. Every other name
// that the time zone database knows is accepted too.
func Zones() []string { return strings.Fields(zoneList) }

// maxZone bounds a zone's name; the longest IANA name has 30 bytes.
const maxZone = 64

// LoadZone returns the time zone of that IANA name, or server if the name is empty.
// Names whose meaning depends on the machine ("Local", "localtime") and zones that
// count leap seconds ("right/…") are refused. The error is an apperr Invalid.
func LoadZone(name string, server *time.Location) (*time.Location, error) {
	if name == "" {
		if server == nil {
			return time.UTC, nil
		}
		return server, nil
	}
	if len(name) > maxZone || machineZone(name) {
		return nil, zoneFault(name, nil)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, zoneFault(name, fmt.Errorf("load time zone: %w", err))
	}
	return loc, nil
}

func machineZone(name string) bool {
	switch name {
	case "Local", "localtime", "posixrules", "Factory":
		return true
	}
	return strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/")
}

func zoneFault(name string, cause error) error {
	return scheduleFault("schedule.zone", "error.job.zone_unknown", map[string]any{"zone": clip(name, maxZone)}, cause)
}

// scheduleFault is an Invalid error about one field, readable both alone and beside the field.
func scheduleFault(field, msg string, args map[string]any, cause error) error {
	return &apperr.Error{
		Kind: apperr.Invalid, Code: "invalid", Msg: msg, Args: args, Err: cause,
		Fields: map[string]apperr.Fault{field: {Msg: msg, Args: args}},
	}
}
