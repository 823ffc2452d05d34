package config

import (
	"os"
	"strings"
	"time"
)

// machineZone returns the IANA name of the machine's time zone: from TZ, else from the
// link that systems keep for it, else UTC. Go itself only calls it "Local", which means
// something else on another machine.
func machineZone(tz, localtime string) string {
	if name := strings.TrimPrefix(tz, ":"); name != "" {
		if _, err := time.LoadLocation(name); err == nil && name != "Local" {
			return name
		}
	}
	if target, err := os.Readlink(localtime); err == nil {
		if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
			if _, err := time.LoadLocation(name); err == nil {
				return name
			}
		}
	}
	return "UTC"
}
