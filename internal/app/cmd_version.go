package app

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// Version is the program's version as the build stamped it: a release's tag, a commit,
// or "devel".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// printVersion is "carillon version".
func printVersion(out io.Writer) error {
	_, err := fmt.Fprintf(out, "carillon %s %s %s/%s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
